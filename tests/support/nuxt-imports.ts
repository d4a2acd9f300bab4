/** Stands for `#imports` where the client runs without Nuxt: nothing that does may ask for the app. */
export function useNuxtApp(): never {
  throw new Error('there is no Nuxt app here')
}
