import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { connectPacket, PING_REQUEST, packetReader, subscribePacket } from '../../../web/mqtt-packets.js';

/** What mqtt.js's own codec reads of bytes. */
function readByAnother(bytes: Uint8Array): Packet {
  const parser = mqttPacket.parser();
  const packets: Packet[] = [];
  parser.on('packet', (packet) => packets.push(packet));
  parser.parse(Buffer.from(bytes));
  expect(packets).toHaveLength(1);
  return packets[0]!;
}

type Answer = 'connack' | 'suback' | 'pingresp' | { topic: string; payload: string };

describe('packets of a listener', () => {
  it('are read by another codec as they were meant', () => {
    expect(readByAnother(connectPacket('page-ü', 30))).toMatchObject({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      clientId: 'page-ü',
    });
    const topics = Array.from({ length: 40 }, (_, index) => `live/sensors/${index}`);
    expect(readByAnother(subscribePacket(300, topics))).toMatchObject({
      cmd: 'subscribe',
      messageId: 300,
      subscriptions: topics.map((topic) => ({ topic, qos: 0 })),
    });
    expect(readByAnother(PING_REQUEST)).toMatchObject({ cmd: 'pingreq' });
  });

  it('are recognised among the answers of a broker, however the stream of bytes is cut', () => {
    const answer: fc.Arbitrary<Answer> = fc.oneof(
      fc.record({ topic: fc.string({ minLength: 1, unit: 'grapheme' }), payload: fc.string({ maxLength: 300 }) }),
      fc.constantFrom<Answer>('connack', 'suback', 'pingresp'),
    );
    fc.assert(
      fc.property(fc.array(answer), fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (answers, sizes) => {
        const bytes = Buffer.concat(answers.map((wanted) => mqttPacket.generate(generated(wanted))));
        const read = packetReader();
        const found = [];
        for (let at = 0; at < bytes.length; ) {
          const size = sizes.next().value;
          found.push(...read(new Uint8Array(bytes.subarray(at, at + size))));
          at += size;
        }
        expect(found.map(plain)).toEqual(answers.map(expected));
      }),
      { seed: 20261121, numRuns: 100 },
    );
  });

  it('fails with what a broker never sends to a listener', () => {
    expect(() => packetReader()(Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 0x01))).toThrow('a packet has no length');
    expect(() => packetReader()(new TextEncoder().encode('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(9)))).toThrow(
      /type 4 .* none for a listener/,
    );
    expect(() => packetReader()(Uint8Array.of(0x30, 3, 0, 9, 65))).toThrow(/type 3 .* none for a listener/);
  });
});

function generated(answer: Answer): Packet {
  if (answer === 'connack') return { cmd: 'connack', returnCode: 5, sessionPresent: false };
  if (answer === 'suback') return { cmd: 'suback', messageId: 7, granted: [0, 128] };
  if (answer === 'pingresp') return { cmd: 'pingresp' };
  return { cmd: 'publish', ...answer, qos: 0, retain: false, dup: false };
}

function expected(answer: Answer): unknown {
  if (answer === 'connack') return { type: 'connack', code: 5 };
  if (answer === 'suback') return { type: 'suback', codes: [0, 128] };
  if (answer === 'pingresp') return { type: answer };
  return { type: 'publish', ...answer };
}

function plain(packet: ReturnType<ReturnType<typeof packetReader>>[number]): unknown {
  return packet.type === 'publish' ? { ...packet, payload: new TextDecoder().decode(packet.payload) } : packet;
}
