// Asks a server for three things over one connection, and once more over another, and prints what it found as JSON.
//
//   node tls_client.js PORT CA-FILE 1.2|1.3
'use strict';

const fs = require('fs');
const https = require('https');

const [port, ca, version] = process.argv.slice(2);
const options = {
  host: '127.0.0.1', port, ca: fs.readFileSync(ca), minVersion: `TLSv${version}`, maxVersion: `TLSv${version}`,
  ALPNProtocols: ['h2', 'http/1.1'], timeout: 20_000,
};
const agent = new https.Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 4 });
const found = { asked: [], reused: [], resumed: [] };

function ask(method, path, parts) {
  return new Promise((resolve, reject) => {
    const length = parts.length === 1 ? { 'Content-Length': parts[0].length } : {};
    const request = https.request({ ...options, agent, method, path, headers: length }, (response) => {
      const socket = response.socket;
      found.version = socket.getProtocol().replace('TLSv', '');
      found.protocol = socket.alpnProtocol;
      found.reused.push(request.reusedSocket);
      found.resumed.push(socket.isSessionReused());
      let text = '';
      response.on('data', (part) => { text += part; });
      response.on('end', () => {
        const said = JSON.parse(text);
        found.asked.push(`${said.method} ${said.target} ${said.length}`);
        if (response.statusCode === 200) resolve(socket); else reject(new Error(`status ${response.statusCode}`));
      });
    });
    request.on('error', reject);
    request.on('timeout', () => reject(new Error('no answer in time')));
    for (const part of parts) request.write(part);
    request.end();
  });
}

(async () => {
  await ask('GET', '/node', []);
  await ask('POST', '/node/body', [Buffer.alloc(10_000)]);
  const socket = await ask('POST', '/node/chunks', [Buffer.alloc(5_000), Buffer.alloc(5_000)]);
  await new Promise((resolve) => { socket.on('close', resolve); socket.destroy(); });
  await ask('GET', '/node/again', []);
  agent.destroy();
  console.log(JSON.stringify(found));
})().catch((error) => { console.error(error); process.exit(1); });
