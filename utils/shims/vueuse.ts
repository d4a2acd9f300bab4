import { computed, toValue } from 'vue'
import type { ComponentPublicInstance, MaybeRefOrGetter, WritableComputedRef } from 'vue'

/** The few of VueUse's functions that the kit's buttons, links and fields take, for pages that take no others (modules/slim.ts). */
export { createSharedComposable, reactiveOmit, reactivePick, useDebounceFn } from '@vueuse/shared'

type Emit = (event: string, value: unknown) => void

/** A prop and its `update:` event as one value that can be written; the default stands where the prop is not given. */
export function useVModel<P extends object, K extends keyof P & string>(props: P, key: K, emit: Emit, { defaultValue }: { defaultValue?: P[K] } = {}): WritableComputedRef<P[K] | undefined> {
  return computed({ get: () => props[key] === undefined ? defaultValue : props[key], set: value => emit(`update:${key}`, value) })
}

/** The element of a reference to an element or a component. */
export function unrefElement(reference: MaybeRefOrGetter<unknown>): unknown {
  const plain = toValue(reference) as ComponentPublicInstance | undefined
  return plain?.$el ?? plain
}
