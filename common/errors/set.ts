/** RK3xx: the recovery set. */
export const setErrors = {
  RK301: {
    title: 'The recovery set is damaged.',
    hint: 'Use another copy of the medium. Nothing was written to any disk.',
  },
} as const;
