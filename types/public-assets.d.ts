declare module '#nitro-internal-virtual/public-assets' {
  /** What the build knows of a file that is served as it is; nothing where there is no such file. */
  export function getAsset(path: string): object | undefined
}
