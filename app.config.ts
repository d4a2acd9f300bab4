export default defineAppConfig({
  ui: {
    colors: { primary: 'lagoon', neutral: 'mist', error: 'red', warning: 'amber', success: 'lagoon', info: 'mist', secondary: 'mist' },
  },
})
