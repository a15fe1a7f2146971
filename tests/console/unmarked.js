// Under the pseudo-language every marked text holds a bracket: finds visible texts and attributes that hold none.
() => {
  const data = 'tbody, code, kbd, time, option, del, ins, textarea, template, script, .brand, .whois, .crumb, .plot, .tree, [data-name]';
  const isText = (text) => /[a-z]{3}/i.test(text) && !text.includes('[');
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), parent = walker.currentNode.parentElement;
    if (isText(text) && parent.checkVisibility() && !parent.closest(data)) found.add(text.slice(0, 60));
  }
  for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
    for (const name of ['aria-label', 'placeholder', 'title']) {
      const text = element.getAttribute(name) ?? '';
      if (isText(text) && !/^(\/|ssh-|[\d.]+\/)/.test(text) && !element.closest(data)) found.add(text.slice(0, 60));
    }
  }
  return [...found];
}
