/**
 * What an error says that kept the server from listening, for whoever runs it.
 *
 * @returns a sentence with the remedy; undefined for any other error
 */
export function listenFailure(error: unknown): string | undefined {
  const { syscall, code, address, port, message } = error as NodeJS.ErrnoException & { address?: string, port?: number }
  if (syscall !== 'listen' && syscall !== 'bind') return undefined
  const place = port === undefined ? String(address) : `port ${port}${address === undefined ? '' : ` of ${address}`}`
  switch (code) {
    case 'EADDRINUSE': return `${place} is taken by another program: end that one, or set PORT`
    case 'EACCES': return `${place} is not for this user to listen on: set PORT to one above 1023`
    case 'EADDRNOTAVAIL': return `${place} is not an address of this machine: set HOST`
    default: return `it cannot listen on ${place} (${message})`
  }
}
