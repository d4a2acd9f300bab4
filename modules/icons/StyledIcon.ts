import { defineComponent, h } from 'vue'

/** An icon of the stylesheet by its name, as in `i-lucide-check`. */
export default defineComponent({
  name: 'StyledIcon',
  props: { name: { type: String, required: true } },
  setup: props => () => h('span', { class: ['iconify', props.name] }),
})
