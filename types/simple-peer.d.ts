/** The prebuilt bundle: the package's own entry needs Node's `process` and fails in a browser build. */
declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer from 'simple-peer'

  export default SimplePeer
}
