#!/usr/bin/env python3
"""fetch_igv.py FOLDER: gets igv.min.js, with its licence, from npm's package igv into FOLDER."""
import base64
import hashlib
import io
import os
import sys
import tarfile
import urllib.request

URL = "https://registry.npmjs.org/igv/-/igv-3.8.10.tgz"
SHA512 = "foqT9SJHoKvVXl7euYUsOy7XMs1nTrPeJMQbGRp7qWU7a6HzF345FER/nHUTdsL5cumaoAe19gDmJYsEHO08rw=="
FILES = {"package/dist/igv.min.js": "igv.min.js", "package/LICENSE": "LICENSE.igv", "package/LICENSE.txt": "LICENSE.igv"}

folder = sys.argv[1]
package = urllib.request.urlopen(URL, timeout=60).read()
if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
    sys.exit("%s: is not the package that it was" % URL)
os.makedirs(folder, exist_ok=True)
with tarfile.open(fileobj=io.BytesIO(package)) as tar:
    for member in tar:
        if member.name in FILES:
            path = os.path.join(folder, FILES[member.name])
            with open(path + ".new", "wb") as out:
                out.write(tar.extractfile(member).read())
            os.rename(path + ".new", path)
print(os.path.join(folder, "igv.min.js"))
