/** An MQTT 3.1.1 connection over a websocket that only listens: subscribes, gets messages, notices when nobody is there any more. */
import { connectPacket, PING_REQUEST, packetReader, subscribePacket, unsubscribePacket } from './mqtt-packets.js';

/** From here on a code of a SUBACK is a refusal. */
const REFUSED = 0x80;
const MAX_ID = 0xffff;

/** @import { Packet } from './mqtt-packets.js' */

/**
 * @typedef {object} Options
 * @property {string} clientId
 * @property {readonly string[]} topics filters to subscribe to, QoS 0
 * @property {(topic: string, payload: Uint8Array) => void} onMessage
 * @property {(reason: string) => void} onClose called once, also when the connection never opened; not after `close`
 * @property {() => void} [onReady] called once the broker granted the subscriptions
 * @property {number} [keepaliveS] silence after which the broker is asked for a sign; without one for as long again the connection is given up. Default 15
 */

/**
 * @typedef {object} Connection
 * @property {(topics: readonly string[]) => void} subscribe to further filters, at least one; once it is ready
 * @property {(topics: readonly string[]) => void} unsubscribe from filters, at least one; once it is ready
 * @property {() => void} close
 */

/**
 * Opens a connection; it never comes back by itself.
 * @param {string} url `ws:` or `wss:`
 * @param {Options} options
 * @returns {Connection}
 */
export function connect(url, { clientId, topics, onMessage, onClose, onReady = () => {}, keepaliveS = 15 }) {
  const socket = new WebSocket(url, ['mqtt']);
  socket.binaryType = 'arraybuffer';
  const read = packetReader();
  let ended = false;
  let silent = 0;
  let ready = false;
  let id = 0;
  const watch = setInterval(() => {
    if (++silent > 1) end('the broker gives no sign');
    else if (socket.readyState === WebSocket.OPEN) socket.send(PING_REQUEST);
  }, keepaliveS * 1000);

  function close() {
    ended = true;
    clearInterval(watch);
    // Browsers complain of a websocket that is closed before it is open.
    if (socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else socket.close();
  }

  /** @param {string} reason */
  function end(reason) {
    if (ended) return;
    close();
    onClose(reason);
  }

  // The broker gives up a client that is silent half as long again as it says here.
  socket.onopen = () => socket.send(connectPacket(clientId, 2 * keepaliveS));
  socket.onclose = ({ code }) => end(`the websocket was closed (code ${code})`);
  socket.onmessage = ({ data }) => {
    silent = 0;
    try {
      for (const packet of read(new Uint8Array(data))) if (!ended) take(packet);
    } catch (error) {
      end(error instanceof Error ? error.message : String(error));
    }
  };

  /** @param {Packet} packet */
  function take(packet) {
    if (packet.type === 'publish') onMessage(packet.topic, packet.payload);
    else if (packet.type === 'connack') {
      if (packet.code !== 0) end(`the broker refused the connection (code ${packet.code})`);
      else subscribe(topics);
    } else if (packet.type === 'suback') {
      if (packet.codes.some((code) => code >= REFUSED)) end('the broker refused the subscription');
      else if (!ready) {
        ready = true;
        onReady();
      }
    }
  }

  function nextId() {
    id = (id % MAX_ID) + 1;
    return id;
  }

  /** @param {readonly string[]} filters */
  function subscribe(filters) {
    socket.send(subscribePacket(nextId(), filters));
  }

  return { close, subscribe, unsubscribe: (filters) => socket.send(unsubscribePacket(nextId(), filters)) };
}
