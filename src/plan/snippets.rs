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

/// Whether every quotation and block is closed and the last directive has ended, read as nginx reads its configuration
/// (`src/core/ngx_conf_file.c`, `ngx_conf_read_token`).
pub fn is_closed(text: &str) -> bool {
    let mut place = Place::Between;
    // Open blocks; whether a directive has begun; whether the last character was `\` or `$`.
    let (mut depth, mut begun, mut escaped, mut variable) = (0_usize, false, false, false);
    for c in text.chars() {
        let was_variable = std::mem::take(&mut variable);
        match place {
            _ if c == '\0' => return false,
            Place::Comment => {
                place = if c == '\n' { Place::Between } else { place };
                continue;
            }
            _ if escaped => {
                escaped = false;
                continue;
            }
            Place::Word | Place::Quoted(_) if c == '{' && was_variable => {
                variable = true;
                continue;
            }
            Place::Word | Place::Quoted(_) if c == '\\' || c == '$' => {
                (escaped, variable) = (c == '\\', c == '$');
                continue;
            }
            Place::Quoted(quote) => {
                place = if c == quote { Place::Behind } else { place };
                continue;
            }
            Place::Behind if !c.is_ascii_whitespace() && !matches!(c, ';' | '{' | ')') => return false,
            Place::Between if c == '#' => {
                place = Place::Comment;
                continue;
            }
            Place::Between if c == '}' => match depth.checked_sub(1).filter(|_| !begun) {
                Some(outer) => depth = outer,
                None => return false,
            },
            Place::Between | Place::Word | Place::Behind => {}
        }
        place = match c {
            ';' | '{' if !begun => return false,
            ';' | '{' => {
                begun = false;
                depth += usize::from(c == '{');
                Place::Between
            }
            '}' if place == Place::Between => Place::Between,
            c if c.is_ascii_whitespace() => Place::Between,
            _ => {
                begun = true;
                (escaped, variable) = (c == '\\', c == '$');
                match c {
                    '"' | '\'' if place == Place::Between => Place::Quoted(c),
                    _ => Place::Word,
                }
            }
        };
    }
    depth == 0 && !begun && !escaped && matches!(place, Place::Between | Place::Comment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_end_where_they_began() {
        let check = |text: &str, expect: bool| assert_eq!(is_closed(text), expect, "{text}");
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
    }
}
