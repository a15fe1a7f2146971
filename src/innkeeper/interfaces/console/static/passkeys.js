// Passkeys and security keys. A form with data-webauthn="get" or "create" asks the browser what data-options says, puts
// the answer into its field `credential`, and sends itself. It stays hidden where the browser cannot; what stands in
// for it there carries data-without. data-conditional also offers passkeys in the field of the user name.
const { credentials } = navigator, { PublicKeyCredential: keys } = self;
const can = Boolean(credentials && keys?.parseRequestOptionsFromJSON && keys.parseCreationOptionsFromJSON);
const asking = {
  get: (options, more) => credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(options), ...more }),
  create: (options, more) => credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(options), ...more }),
};
const WORDS = { NotAllowedError: 'refused', InvalidStateError: 'known' };
let waiting;                                                        // Browsers take one question at a time.

async function ask(form, more = {}) {
  waiting?.abort();
  waiting = new AbortController();
  const answer = await asking[form.dataset.webauthn](JSON.parse(form.dataset.options), { signal: waiting.signal, ...more });
  form.elements.credential.value = JSON.stringify(answer.toJSON());
  form.submit();
}

function say(form, error) {
  if (error.name === 'AbortError') return;
  const place = form.querySelector('[role=alert]');
  place.hidden = false;
  place.textContent = form.dataset[WORDS[error.name]] ?? error.message;
}

async function offer(form) {
  if (!await keys.isConditionalMediationAvailable?.()) return;
  ask(form, { mediation: 'conditional' }).catch(() => {});          // Nobody asked for it, so nobody is told that it failed.
}

function prepare(root) {
  if (!can) return;
  for (const element of root.querySelectorAll('[data-without]')) element.hidden = true;
  for (const form of root.querySelectorAll('[data-webauthn]')) {
    form.hidden = false;
    if ('conditional' in form.dataset) offer(form);
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.dataset.webauthn) return;
  event.preventDefault();
  form.querySelector('[role=alert]').hidden = true;
  ask(form).catch((error) => say(form, error));
});
document.addEventListener('swapped', ({ detail: { target } }) => target && prepare(target));
prepare(document);
