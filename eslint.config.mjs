import withNuxt from './.nuxt/eslint.config.mjs'

export default withNuxt({
  rules: {
    'vue/multi-word-component-names': 'off',
    'max-lines': ['error', { max: 300 }],
    '@typescript-eslint/no-explicit-any': 'error',
    'vue/max-attributes-per-line': 'off',
    'vue/singleline-html-element-content-newline': 'off',
  },
}, {
  // The built-in engine stands behind its interface, `BuiltInEngine`: only what puts the server together knows which one it is.
  files: ['server/**/*.ts', 'modules/**/*.ts', 'shared/**/*.ts', 'nuxt.config.ts'],
  ignores: ['server/ai/built-in/**', 'server/lastra.ts'],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: ['**/ai/built-in', '**/ai/built-in/*', './built-in', './built-in/*'], message: 'Ask for a BuiltInEngine.' }] }] },
})
