"""Where pay is: countries, regions, states, metros and cities, with currencies, prices and wages."""
