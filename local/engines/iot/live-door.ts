/** The door of the broker at the page's own port: a WebSocket for who comes with a signed address. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '#adapters/clock.ts';
import type { StsEngine } from '../sts/engine.ts';
import { isOwnOrigin, mqttSockets, refuseUpgrade, WEBSOCKET_PATH } from './mqtt-listeners.ts';
import type { Authorizer } from './policy.ts';
import { verifySignedAddress } from './signed-address.ts';

export interface LiveDoorOptions {
  readonly sts: StsEngine;
  readonly region: string;
  readonly clock: Clock;
  /** Takes a connection that may do what `may` allows. */
  readonly connect: (connection: Duplex, may: Authorizer) => void;
  /** Refusals, one line each, without the address. */
  readonly log: (line: string) => void;
}

/** Takes over what an HTTP server was asked to upgrade. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Refuses with 404 for another path, with 403 for a page of another site and for an address that is not well signed. */
export function liveDoor({ sts, region, clock, connect, log }: LiveDoorOptions): Upgrade {
  const sockets = mqttSockets();
  return (request, socket, head) => {
    // Whoever breaks off concerns himself only.
    socket.on('error', () => socket.destroy());
    const [path, query = ''] = (request.url ?? '').split('?');
    if (path !== WEBSOCKET_PATH) {
      refuseUpgrade(socket, '404 Not Found');
      return;
    }
    const found = isOwnOrigin(request.headers.origin)
      ? verifySignedAddress(
          { host: request.headers.host ?? '', path, query },
          { region, nowMs: clock.now(), sessionOf: (accessKeyId) => sts.session(accessKeyId) },
        )
      : 'a page of another site';
    if (typeof found === 'string') {
      log(`a WebSocket is refused: ${found}`);
      refuseUpgrade(socket, '403 Forbidden');
      return;
    }
    sockets.accept(request, socket, head, (connection) => connect(connection, found.may));
  };
}
