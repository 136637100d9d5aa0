// Ids, API keys, digests.

const BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

const encoder = new TextEncoder();
const HEX = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));

/** In hexadecimal digits. Awaiting costs a fraction of what `node:crypto` does with its streams and buffers. */
export async function sha256(text) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  let digits = "";
  for (let i = 0; i < digest.length; i++) digits += HEX[digest[i]];
  return digits;
}

/** Of two texts of one length. */
export function equalInConstantTime(a, b) {
  let differences = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) differences |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return differences === 0;
}

const random = new Uint8Array(64);

export function ulid(now) {
  crypto.getRandomValues(random);
  let text = "";
  for (let i = 9, rest = now; i >= 0; i--, rest = Math.floor(rest / 32)) text = BASE32[rest % 32] + text;
  for (let i = 0; i < 16; i++) text += BASE32[random[i] & 31];
  return text;
}

export function apiKey() {
  for (;;) {
    crypto.getRandomValues(random);
    let text = "";
    for (let i = 0; i < random.length && text.length < 32; i++) text += BASE62[random[i] & 63] ?? "";
    if (text.length === 32) return `tgk_${text}_${checksum(text)}`;
  }
}

function checksum(text) {
  let crc = -1;
  for (let i = 0; i < text.length; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ text.charCodeAt(i)) & 0xff];
  let rest = ~crc >>> 0;
  let digits = "";
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) digits = BASE62[rest % 62] + digits;
  return digits;
}
