// Clients that read event streams. Prints `{"open":n}` when each stream has received its first event, and at the end
// how late the events arrived and how many streams broke.
import { request } from 'node:http';

const { URL_TO_READ = '', AUTHORIZATION = '', STREAMS = '1', EVENTS = '1' } = process.env;
const [streams, events] = [Number(STREAMS), Number(EVENTS)];

/** @type {number[]} */
const latenciesUs = [];
let open = 0;
let dropped = 0;

/** @returns {Promise<void>} */
function read() {
  return new Promise((resolve) => {
    let received = 0;
    let whole = false;
    const outgoing = request(URL_TO_READ, { agent: false, headers: { authorization: AUTHORIZATION } });
    outgoing.once('response', (response) => {
      let rest = '';
      response.setEncoding('latin1');
      response.on('data', (text) => {
        const now = process.hrtime.bigint();
        const lines = (rest + text).split('\n\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          latenciesUs.push(Number(now - BigInt(line.slice('data: '.length))) / 1000);
          if (++received === 1 && ++open === streams) console.log(JSON.stringify({ open }));
        }
      });
      response.once('end', () => {
        whole = response.statusCode === 200 && received === events;
      });
      response.once('error', () => undefined);
      response.once('close', () => {
        if (!whole) dropped++;
        resolve();
      });
    });
    outgoing.once('error', () => {
      dropped++;
      resolve();
    });
    outgoing.end();
  });
}

await Promise.all(Array.from({ length: streams }, read));
latenciesUs.sort((a, b) => a - b);
const at = (/** @type {number} */ share) => latenciesUs[Math.floor((latenciesUs.length - 1) * share)] ?? null;
console.log(
  JSON.stringify({ events: latenciesUs.length, dropped, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) }),
);
