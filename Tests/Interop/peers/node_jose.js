// node-jose (Debian's package of panva/jose) as a program: one JSON request a line, one JSON answer a line.
'use strict'

const jose = require('jose')
const readline = require('readline')

function keyOf(material, alg) {
  if (typeof material !== 'string') return jose.importJWK(material, alg)
  if (material.includes('PRIVATE KEY')) return jose.importPKCS8(material, alg)
  if (material.includes('PUBLIC KEY')) return jose.importSPKI(material, alg)
  return Buffer.from(material, 'utf8')
}

const operations = {
  async sign({ header, payload, key }) {
    const bytes = Buffer.from(payload, 'base64')
    return new jose.CompactSign(bytes).setProtectedHeader(header).sign(await keyOf(key, header.alg))
  },

  async verify({ token, key, alg }) {
    const { payload } = await jose.compactVerify(token, await keyOf(key, alg), { algorithms: [alg] })
    return Buffer.from(payload).toString('base64')
  },

  async claims({ token, key, alg, options }) {
    const { payload } = await jose.jwtVerify(token, await keyOf(key, alg), { algorithms: [alg], ...options })
    return payload
  },

  async publicJWK({ pem }) {
    return jose.exportJWK(await jose.importSPKI(pem, 'ES256', { extractable: true }))
  },

  async newJWK({ alg }) {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true })
    return jose.exportJWK(privateKey)
  },

  async newSecretJWK({ alg }) {
    return jose.exportJWK(await jose.generateSecret(alg, { extractable: true }))
  },

  async thumbprint({ jwk }) {
    return jose.calculateJwkThumbprint(jwk)
  },
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { operation, ...request } = JSON.parse(line)
    let answer
    try {
      answer = { result: await operations[operation](request) }
    } catch (error) {
      answer = { error: `${error.code || error.name}: ${error.message}` }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
  }
}

main()
