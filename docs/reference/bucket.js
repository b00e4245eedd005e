// Computes the side of a customer in a Signet migration. For Node and browsers, without a dependency.
//
//   const { bucket, inPercent } = require("./bucket.js");     // in a page: <script src="bucket.js"></script>
//   bucket("2026-talkative", "12345")                         // 68257, of 0 to 99999
//   inPercent("2026-talkative", "12345", "12.5")              // false: the old vendor
//
// `salt` is the migration's salt, by default the route's name. `value` is the value that "stickiness" names, exactly as the
// gateway gets it: do not trim it, change its case or normalize its Unicode form. `percent` is text, not a number. A text with
// half of a surrogate pair has no UTF-8 form, so it cannot be sent to Signet and is an error here.

function bucket(salt, value) {
  const text = `${salt}:${value}`;
  if (/\p{Surrogate}/u.test(text)) throw new RangeError("half of a surrogate pair: there is no UTF-8 for it");
  return Number((BigInt(murmur3(new TextEncoder().encode(text))) * 100000n) >> 32n);
}

function inPercent(salt, value, percent) {
  const parts = typeof percent === "string" && /^(0|[1-9][0-9]{0,2})(?:\.([0-9]{1,3}))?$/.exec(percent);
  const thousandths = parts ? Number(parts[1]) * 1000 + Number((parts[2] ?? "").padEnd(3, "0")) : NaN;
  if (!(thousandths <= 100000)) throw new RangeError("a percentage is text, 0 to 100, with at most three decimals");
  return bucket(salt, value) < thousandths;
}

// MurmurHash3_x86_32 with seed 0, as an unsigned number.
function murmur3(bytes) {
  const rotated = (number, bits) => (number << bits) | (number >>> (32 - bits));
  const mixed = (block) => Math.imul(rotated(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
  const whole = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < whole; at += 4) {
    const block = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    hash = (Math.imul(rotated(hash ^ mixed(block), 13), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at -= 1) tail = (tail << 8) | bytes[at];
  hash ^= mixed(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

if (typeof module !== "undefined") module.exports = { bucket, inPercent, murmur3 };
