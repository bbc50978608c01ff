"""Keys of recipients and signers, and what bdiff.md §2.1 and §7 do with them: written from that
document, RFC 9180 (HPKE) and RFC 8032."""
import base64
import hashlib
import hmac
import struct

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw
P = 2**255 - 19
KEM, SUITE = b'KEM\0\x20', b'HPKE\0\x20\0\1\0\3'


def load_private(data):
    """A key without a passphrase: PEM, OpenSSH or Crypt4GH."""
    if b'CRYPT4GH' in data:
        blob = base64.b64decode(b''.join(data.split(b'\n')[1:-2]))
        assert blob.startswith(b'c4gh-v1\0\4none\0\4none\0\x20')
        return x25519.X25519PrivateKey.from_private_bytes(blob[21:53])
    load = serialization.load_ssh_private_key if b'OPENSSH' in data else serialization.load_pem_private_key
    return load(data, None)


def load_public(data):
    if b'CRYPT4GH' in data:
        return x25519.X25519PublicKey.from_public_bytes(base64.b64decode(data.split(b'\n')[1]))
    load = serialization.load_ssh_public_key if data.startswith(b'ssh-') else serialization.load_pem_public_key
    return load(data)


def private_form(key):
    """An Ed25519 key as Crypt4GH converts it, others as they are."""
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        return key
    seed = key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    return x25519.X25519PrivateKey.from_private_bytes(hashlib.sha512(seed).digest()[:32])


def public_form(key):
    if not isinstance(key, ed25519.Ed25519PublicKey):
        return key
    y = int.from_bytes(key.public_bytes(*RAW), 'little') & (1 << 255) - 1
    return x25519.X25519PublicKey.from_public_bytes(((1 + y) * pow(1 - y, -1, P) % P).to_bytes(32, 'little'))


def hint(key, file_id):
    """Of a public key in the form that public_form gives."""
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(file_id + key.public_bytes(*form)).digest()[:8]


def extract(salt, suite, label, secret):
    return hmac.digest(salt or bytes(32), b'HPKE-v1' + suite + label + secret, 'sha256')


def expand(secret, suite, label, info, n):
    return hmac.digest(secret, struct.pack('>H', n) + b'HPKE-v1' + suite + label + info + b'\1', 'sha256')[:n]


def key_and_nonce(dh, enc, recipient, file_id):
    shared = expand(extract(b'', KEM, b'eae_prk', dh), KEM, b'shared_secret', enc + recipient, 32)
    context = b'\0' + extract(b'', SUITE, b'psk_id_hash', b'') + extract(
        b'', SUITE, b'info_hash', b'varlock bdiff 1 x25519' + file_id)
    secret = extract(shared, SUITE, b'secret', b'')
    return expand(secret, SUITE, b'key', context, 32), expand(secret, SUITE, b'base_nonce', context, 12)


def wrap(public, file_id, secret):
    ephemeral = x25519.X25519PrivateKey.generate()
    enc = ephemeral.public_key().public_bytes(*RAW)
    key, nonce = key_and_nonce(ephemeral.exchange(public), enc, public.public_bytes(*RAW), file_id)
    return enc + ChaCha20Poly1305(key).encrypt(nonce, secret, None)


def unwrap(key, file_id, wrapped):
    """None where the entry does not open."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.decrypt(wrapped, OAEP)
    try:
        if len(wrapped) != 80:
            return None
        dh = key.exchange(x25519.X25519PublicKey.from_public_bytes(wrapped[:32]))
        key, nonce = key_and_nonce(dh, wrapped[:32], key.public_key().public_bytes(*RAW), file_id)
        return ChaCha20Poly1305(key).decrypt(nonce, wrapped[32:], None)
    except (InvalidTag, ValueError):
        return None


def secrets(key, file_id, entries):
    """What the first entries that are the key's open to.  Entries are (algorithm, hint, wrapped)."""
    key = private_form(key)
    algorithm, own = 1 if isinstance(key, rsa.RSAPrivateKey) else 2, hint(key.public_key(), file_id)
    fitting = [wrapped for a, h, wrapped in entries if (a, h) == (algorithm, own)]
    return [unwrap(key, file_id, wrapped) for wrapped in fitting[:4]]


def verify(key, signature, data):
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, b'varlock bdiff 1 signature\0' + hashlib.sha256(data).digest())
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        raise InvalidSignature('X25519 keys make none')
