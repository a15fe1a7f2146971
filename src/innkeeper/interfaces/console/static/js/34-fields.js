// Small comforts in forms: copy a secret, print a page, show a password.
document.addEventListener('click', async (event) => {
  const copy = event.target.closest('[data-copy]'), reveal = event.target.closest('[data-reveal]');
  if (copy) {
    await navigator.clipboard?.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
    document.dispatchEvent(new CustomEvent('toast', { detail: { text: copy.dataset.copied } }));
  }
  if (event.target.closest('[data-print]')) print();
  if (reveal) {
    const field = document.getElementById(reveal.dataset.reveal), isHidden = field.type === 'password';
    field.type = isHidden ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', isHidden);
  }
});
