export default defineAppConfig({
  ui: {
    // Over whatever stands beside the page, such as the help.
    dropdownMenu: { slots: { content: 'relative z-50' } },
    popover: { slots: { content: 'relative z-50' } },
    select: { slots: { content: 'relative z-50' } },
    tooltip: { slots: { content: 'relative z-50' } },
    colors: { primary: 'lagoon', neutral: 'mist', error: 'red', warning: 'amber', success: 'lagoon', info: 'mist', secondary: 'mist' },
  },
})
