// Small comforts in forms: copy a secret, print a page, show a password.
document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]'), reveal = event.target.closest('[data-reveal]');
  if (copy) {
    const source = document.getElementById(copy.dataset.copy), text = source.textContent;
    // Programs do not read a key file whose last line has no end.
    await navigator.clipboard?.writeText(source.matches('pre') ? text : text.trim());
    document.dispatchEvent(new CustomEvent('toast', { detail: { text: copy.dataset.copied } }));
  }
  if (event.target.closest('[data-print]')) print();
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal), isHidden = field.type === 'password';
    field.type = isHidden ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', isHidden);
  }
});
