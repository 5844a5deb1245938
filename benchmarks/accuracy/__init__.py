"""How good forecasts are on real shops, and what each part of the forecaster is worth."""
