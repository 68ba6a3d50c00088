// A real OpenID provider that speaks as BankID does: endpoints where nobody would guess them, PKCE
// required, profile and level in the ID token, the national number by scope, userinfo as a signed
// JWT. Who signs in, and how surely, is what `POST /next` said last; there is nobody to ask.
//
// It prints one line of JSON once it listens, and ends when its standard input does.

import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import Provider from 'oidc-provider';

const MOUNT = '/auth/realms/test';
const { client_id, client_secret, redirect_uris } = JSON.parse(process.argv[2]);

const people = new Map();
let next = null;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'bankid-1' };

const claimsOf = {
  openid: ['sub', 'acr', 'amr', 'auth_time', 'bankid_altsub', 'typ'],
  profile: ['name', 'given_name', 'family_name', 'birthdate', 'updated_at'],
  nnin_altsub: ['nnin_altsub'],
  nnin: ['nnin'],
};

const configuration = {
  claims: claimsOf,
  scopes: Object.keys(claimsOf),
  clients: [
    {
      client_id,
      client_secret,
      redirect_uris,
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
      userinfo_signed_response_alg: 'RS256',
    },
  ],
  conformIdTokenClaims: false,
  cookies: { keys: [randomBytes(32).toString('hex')] },
  features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    // The number that needs consent is told by userinfo alone.
    claims: (use) => {
      const { nnin, ...told } = people.get(id);
      return { ...told, sub: id, ...(use === 'userinfo' && nnin ? { nnin } : { typ: 'ID' }) };
    },
  }),
  interactions: { url: (_, interaction) => `${MOUNT}/interaction/${interaction.uid}` },
  jwks: { keys: [key] },
  pkce: { required: () => true },
  routes: {
    authorization: '/precheck/auth',
    jwks: '/protocol/openid-connect/certs',
    token: '/protocol/openid-connect/token',
    userinfo: '/protocol/openid-connect/userinfo',
  },
  ttl: {
    AccessToken: 300,
    AuthorizationCode: 60,
    Grant: 600,
    IdToken: 300,
    Interaction: 600,
    Session: 600,
  },
};

const server = createServer(answer);
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}${MOUNT}`;
  provider = new Provider(issuer, configuration);
  provider.use(bindAccessToken);
  handle = provider.callback();
  process.stdout.write(`${JSON.stringify({ issuer, control: `http://127.0.0.1:${port}/next` })}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();

let provider;
let handle;

// BankID's ID tokens name the access token that came with them; with this grant it is optional.
async function bindAccessToken(ctx, proceed) {
  await proceed();
  if (ctx.oidc?.route !== 'token' || !ctx.body?.id_token) return;
  const [header, payload] = ctx.body.id_token.split('.');
  const half = createHash('sha256').update(ctx.body.access_token).digest().subarray(0, 16);
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const bound = JSON.stringify({ ...claims, at_hash: half.toString('base64url') });
  const signed = `${header}.${Buffer.from(bound).toString('base64url')}`;
  const signature = createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url');
  ctx.body.id_token = `${signed}.${signature}`;
}

function answer(request, response) {
  const url = new URL(request.url, 'http://127.0.0.1');
  if (url.pathname === '/next') {
    remember(request, response);
  } else if (url.pathname.startsWith(`${MOUNT}/interaction/`)) {
    interact(request, response).catch((error) => {
      response.writeHead(500).end(String(error));
    });
  } else if (url.pathname.startsWith(MOUNT)) {
    // As Express would hand it over from where the provider is mounted.
    request.originalUrl = request.url;
    request.url = request.url.slice(MOUNT.length);
    handle(request, response);
  } else {
    response.writeHead(404).end();
  }
}

function remember(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    next = JSON.parse(Buffer.concat(parts));
    if (next.sub) people.set(next.sub, next.claims ?? {});
    response.writeHead(204).end();
  });
}

async function interact(request, response) {
  const { params, prompt, session } = await provider.interactionDetails(request, response);
  if (next.error) {
    await provider.interactionFinished(request, response, { error: next.error });
    return;
  }
  if (prompt.name === 'login') {
    const login = { accountId: next.sub, acr: next.acr, amr: next.amr, remember: false };
    await provider.interactionFinished(request, response, { login });
    return;
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const grantId = await grant.save();
  await provider.interactionFinished(request, response, { consent: { grantId } }, { mergeWithLastSubmission: true });
}
