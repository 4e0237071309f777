//! Lines of nginx' own language in, whether they end where they began out: then they cannot leave their location.

/// Where the reader is.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Between,
    Word,
    Quoted(char),
    /// Right behind a quotation.
    Behind,
    Comment,
}

/// Why a snippet could leave its location: a quotation, a block or the last directive does not end, read as nginx reads
/// its configuration (`src/core/ngx_conf_file.c`, `ngx_conf_read_token`). `None` when it cannot.
pub fn broken(text: &str) -> Option<&'static str> {
    let mut place = Place::Between;
    // Open blocks; whether a directive has begun; whether the last character was `\` or `$`.
    let (mut depth, mut begun, mut escaped, mut variable) = (0_usize, false, false, false);
    for c in text.chars() {
        let was_variable = std::mem::take(&mut variable);
        if c == '\0' {
            return Some("it holds a NUL");
        }
        if escaped {
            escaped = false;
            continue;
        }
        place = match (place, c) {
            (Place::Comment, '\n') => Place::Between,
            (Place::Comment, _) => place,
            (Place::Word | Place::Quoted(_), '{') if was_variable => {
                variable = true;
                place
            }
            (Place::Word | Place::Quoted(_), '\\' | '$') => {
                (escaped, variable) = (c == '\\', c == '$');
                place
            }
            (Place::Quoted(quote), c) if c == quote => Place::Behind,
            (Place::Quoted(_), _) => place,
            (Place::Behind, c) if !c.is_ascii_whitespace() && !matches!(c, ';' | '{' | ')') => {
                return Some("a quotation is not followed by a space or the end of its directive");
            }
            (Place::Between, '#') => Place::Comment,
            (Place::Between, '}') if begun => return Some("a directive before a `}` has no `;`"),
            (Place::Between, '}') => match depth.checked_sub(1) {
                Some(outer) => {
                    depth = outer;
                    place
                }
                None => return Some("a `}` closes nothing"),
            },
            (_, ';' | '{') if !begun => return Some("a `;` or `{` has no directive before it"),
            (_, ';' | '{') => {
                begun = false;
                depth += usize::from(c == '{');
                Place::Between
            }
            (_, c) if c.is_ascii_whitespace() => Place::Between,
            (_, c) => {
                begun = true;
                (escaped, variable) = (c == '\\', c == '$');
                match c {
                    '"' | '\'' if place == Place::Between => Place::Quoted(c),
                    _ => Place::Word,
                }
            }
        };
    }
    match place {
        Place::Quoted(_) => Some("a quotation is never closed"),
        _ if begun || escaped => Some("the last directive has no `;`"),
        _ if depth > 0 => Some("a `{` is never closed"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_end_where_they_began() {
        let check = |text: &str, expect: bool| assert_eq!(broken(text).is_none(), expect, "{text}");
        check("", true);
        check("proxy_buffering off;", true);
        check("# a } in words\nset $a \"}\"; set $b '{\\'';\n# end", true);
        check("if ($arg_a) { return 403; }\nlocation ~ \\.php$ { deny all; }", true);
        check("set $a ${b}c; set $d a}b;", true);
        check("set $a \"${b}\";", true);
        check("proxy_buffering off", false);
        check("} server { listen 1;", false);
        check("}", false);
        check("if ($a) {", false);
        check("if ($a) { return 1 }", false);
        check("set $a \"b;", false);
        check("set $a \"b\"c;", false);
        check("; ", false);
        check("a \\;", false);
        check("a;\0", false);
        check("location ~ \\.php$ { deny all; }", true);
        check("if ($a = \"}\") { return 403; }", true);
        check("add_header A 'b;", false);
    }
}
