// The server renders the theme; a click only saves the round trip.
const form = document.querySelector('#theme');

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  const { value } = event.submitter;
  document.documentElement.dataset.theme = value;
  for (const button of form.querySelectorAll('button')) button.setAttribute('aria-pressed', button.value === value);
  fetch(form.getAttribute('action'), { method: 'POST', body: new URLSearchParams({ theme: value }), redirect: 'manual' });
});
