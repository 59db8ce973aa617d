// Browsers refuse to start a worker for a page that is opened from a folder (file://), and the search of this site is a worker.
// There, this class runs the worker's script in a hidden frame instead, behind the interface of a worker.
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      const inner = frame.contentWindow
      inner.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      inner.importScripts = (...urls) => urls.reduce((earlier, next) => earlier.then(() => loadScript(inner.document, next)), Promise.resolve())
      this.inner = inner
      this.ready = loadScript(inner.document, url)
    }

    postMessage(data) {
      this.ready.then(() => this.inner.dispatchEvent(new MessageEvent("message", { data })))
    }
  }
  window.Worker = window.IFrameWorker
}

function loadScript(page, url) {
  return new Promise((resolve, reject) => {
    const script = page.createElement("script")
    script.src = url
    script.onload = resolve
    script.onerror = reject
    page.head.appendChild(script)
  })
}
