"""images.py HOST FOLDER: makes 10 images of 192 MiB, which share a layer of 32 MiB, as OCI layouts in FOLDER/IMAGE, and a
values file FOLDER/bench.yaml whose services run them from HOST."""
import gzip, hashlib, json, os, random, sys

host, folder = sys.argv[1:]
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def layer(seed, size):
    import io, tarfile
    noise = random.Random(seed).randbytes(size)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        info = tarfile.TarInfo("noise")
        info.size = size
        archive.addfile(info, io.BytesIO(noise))
    return plain.getvalue(), gzip.compress(plain.getvalue(), 1, mtime=0)


def put(where, data):
    digest = hashlib.sha256(data).hexdigest()
    path = f"{where}/blobs/sha256/{digest}"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


base = layer("base", 32 << 20)
services = ""
for number in range(10):
    where = f"{folder}/image{number}"
    layers = [base, layer(number, 16 << 20)]
    diffs = ["sha256:" + hashlib.sha256(plain).hexdigest() for plain, _ in layers]
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diffs}})
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(where, config.encode())},
        "layers": [{"mediaType": LAYER, **put(where, packed)} for _, packed in layers],
    }
    named = {"mediaType": manifest["mediaType"], **put(where, json.dumps(manifest).encode())}
    with open(f"{where}/index.json", "w") as file:
        json.dump({"schemaVersion": 2, "manifests": [named]}, file)
    with open(f"{where}/oci-layout", "w") as file:
        file.write('{"imageLayoutVersion":"1.0.0"}')
    services += f"  image{number}: {{ image: {host}/bench/image{number}:1 }}\n"
with open(f"{folder}/bench.yaml", "w") as file:
    file.write("apiVersion: helm-ha.dev/v1\nname: bench\nversion: 1.0.0\n"
               "nodes: { server1: { address: 192.168.1.11/24, role: server } }\n"
               f"services:\n{services}")
