/** Packets of MQTT 3.1.1 as far as one that only listens needs them. Pure. */

const CONNACK = 2;
const PUBLISH = 3;
const SUBACK = 9;
const UNSUBACK = 11;
const PINGRESP = 13;
/** The longest packet there can be says its length in so many bytes. */
const MAX_LENGTH_BYTES = 4;
const CLEAN_SESSION = 2;

/**
 * @typedef {{ type: 'connack', code: number }
 *   | { type: 'suback', codes: readonly number[] }
 *   | { type: 'publish', topic: string, payload: Uint8Array }
 *   | { type: 'unsuback' }
 *   | { type: 'pingresp' }} Packet
 */

const toBytes = new TextEncoder();
const toText = new TextDecoder();

/**
 * @param {string} clientId
 * @param {number} keepaliveS at most 65,535
 */
export function connectPacket(clientId, keepaliveS) {
  return packet(0x10, [...text('MQTT'), 4, CLEAN_SESSION, ...uint16(keepaliveS), ...text(clientId)]);
}

/**
 * Asks for QoS 0.
 * @param {number} id 1 to 65,535
 * @param {readonly string[]} topics at least one filter
 */
export function subscribePacket(id, topics) {
  return packet(0x82, [...uint16(id), ...topics.flatMap((topic) => [...text(topic), 0])]);
}

/**
 * @param {number} id 1 to 65,535
 * @param {readonly string[]} topics at least one filter
 */
export function unsubscribePacket(id, topics) {
  return packet(0xa2, [...uint16(id), ...topics.flatMap(text)]);
}

export const PING_REQUEST = packet(0xc0, []);

/** @returns {(chunk: Uint8Array) => Packet[]} gives the packets that a chunk makes whole, however they were cut; throws an Error for what is no answer to a listener */
export function packetReader() {
  let rest = new Uint8Array();
  return (chunk) => {
    let bytes = chunk;
    if (rest.length > 0) {
      bytes = new Uint8Array(rest.length + chunk.length);
      bytes.set(rest);
      bytes.set(chunk, rest.length);
    }
    /** @type {Packet[]} */
    const packets = [];
    for (;;) {
      const length = lengthOf(bytes);
      if (length === null || bytes.length < length.end) break;
      packets.push(decoded(bytes[0] ?? 0, bytes.subarray(length.start, length.end)));
      bytes = bytes.subarray(length.end);
    }
    rest = bytes.slice();
    return packets;
  };
}

/**
 * Where the body of the first packet starts and ends; null while the bytes do not say.
 * @param {Uint8Array} bytes
 */
function lengthOf(bytes) {
  let length = 0;
  for (let index = 1; index < bytes.length; index++) {
    if (index > MAX_LENGTH_BYTES) throw new Error('a packet has no length');
    const byte = bytes[index] ?? 0;
    length += (byte & 0x7f) * 128 ** (index - 1);
    if (byte < 0x80) return { start: index + 1, end: index + 1 + length };
  }
  return null;
}

/**
 * @param {number} head
 * @param {Uint8Array} body
 * @returns {Packet}
 */
function decoded(head, body) {
  const type = head >> 4;
  const [first = 0, second = 0] = body;
  if (type === CONNACK && body.length === 2) return { type: 'connack', code: second };
  if (type === SUBACK && body.length > 2) return { type: 'suback', codes: [...body.subarray(2)] };
  if (type === UNSUBACK && body.length === 2) return { type: 'unsuback' };
  if (type === PINGRESP && body.length === 0) return { type: 'pingresp' };
  const topicEnd = 2 + first * 256 + second;
  // A subscription at QoS 0 gets messages at QoS 0: these have no id between topic and payload.
  if (type === PUBLISH && (head & 0x06) === 0 && body.length >= topicEnd) {
    return { type: 'publish', topic: toText.decode(body.subarray(2, topicEnd)), payload: body.subarray(topicEnd) };
  }
  throw new Error(`a packet of type ${type} and ${body.length} bytes is none for a listener`);
}

/**
 * @param {number} head
 * @param {readonly number[]} body
 */
function packet(head, body) {
  const length = [];
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    length.push((left % 128) + (left >= 128 ? 128 : 0));
    if (left < 128) return Uint8Array.from([head, ...length, ...body]);
  }
}

/** @param {string} value */
function text(value) {
  const bytes = toBytes.encode(value);
  return [...uint16(bytes.length), ...bytes];
}

/** @param {number} value */
function uint16(value) {
  return [value >> 8, value & 0xff];
}
