// One polite live region and the toasts: what happened, in a short sentence.
const region = document.querySelector('#live'), toasts = document.querySelector('#toasts');

function say(text) {
  region.textContent = '';
  requestAnimationFrame(() => (region.textContent = text));
}

function show(text) {
  const toast = document.querySelector('#toast-template').content.firstElementChild.cloneNode(true);
  toast.firstElementChild.textContent = text;
  toasts.append(toast);
  say(text);
  setTimeout(() => toast.remove(), 10000);
}

document.addEventListener('say', (event) => say(event.detail.text));
document.addEventListener('toast', (event) => show(event.detail.text));
document.addEventListener('swapped', ({ detail: { target } }) => target?.dataset.announce && say(target.dataset.announce));
document.addEventListener('click', (event) => event.target.closest('[data-dismiss]')?.closest('.toast').remove());

const waiting = toasts.querySelector('.toast');                     // The server put it there after a redirect.
if (waiting) {
  say(waiting.firstElementChild.textContent);
  setTimeout(() => waiting.remove(), 10000);
}
