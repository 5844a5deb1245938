"""The demo shop's shelves: a bakery with a cafe, a delicatessen counter and some gifts.

Some SKUs have blanks, slashes, accents, an at sign or leading zeros, because real ones have them.
"""

from __future__ import annotations

from siprems_engine.synthetic.product import SUNDAY_CAKE, WEEKEND, WORK_WEEK, Pattern, ProductTruth

BREAD, PASTRY, CAKES, DRINKS, DELI, GIFTS = "Bread", "Pastry", "Cakes", "Drinks", "Delicatessen", "Gifts"
MIDSUMMER, CHRISTMAS, EARLY_SPRING = 190, 355, 60

_BREAD = (
    ProductTruth("BRD-001", "Farmhouse loaf", BREAD, 46, 4.2, week=WEEKEND, yearly=0.08, peak_day=CHRISTMAS),
    ProductTruth("BRD-002", "Rye bread", BREAD, 31, 3.9, week=WEEKEND, growth=-0.12),
    ProductTruth("BRD-003", "Wholemeal bread", BREAD, 24, 4.4, week=WORK_WEEK, growth=0.25),
    ProductTruth("BRD-004", "Spelt bread", BREAD, 15, 5.1, week=WEEKEND, growth=0.10, promo_uplift=1.6),
    ProductTruth("BRD-005", "Baguette", BREAD, 58, 1.9, week=WEEKEND, yearly=0.25, peak_day=MIDSUMMER),
    ProductTruth("BRD-006", "Ciabatta", BREAD, 18, 2.4, week=WEEKEND, break_days_ago=240, break_factor=0.55),
    ProductTruth("0042", "Toast bread", BREAD, 12, 2.1, promo_uplift=2.2, supply_gap=(75, 9)),
)
_PASTRY = (
    ProductTruth("RLL-001", "Plain roll", PASTRY, 120, 0.45, week=WEEKEND, noise=0.02),
    ProductTruth("RLL-002", "Poppy seed roll", PASTRY, 64, 0.65, week=WEEKEND, noise=0.02),
    ProductTruth("RLL-003", "Pretzel", PASTRY, 55, 0.95, week=WORK_WEEK, yearly=0.15, peak_day=270),
    ProductTruth("CRS-001", "Croissant", PASTRY, 72, 1.6, week=WEEKEND, growth=0.15, promo_uplift=1.5),
    ProductTruth("CRS-002", "Chocolate croissant", PASTRY, 38, 2.0, week=WEEKEND, promo_uplift=1.7),
    ProductTruth(
        "CRS-003", "Almond croissant", PASTRY, 9, 2.6, week=WEEKEND, break_days_ago=150, break_factor=1.9
    ),
    ProductTruth("CNF-001", "Danish pastry", PASTRY, 22, 2.2, week=WORK_WEEK, supply_gap=(200, 6)),
)
_CAKES = (
    ProductTruth(
        "CKE-001", "Cheesecake slice", CAKES, 26, 3.4, week=SUNDAY_CAKE, yearly=0.12, peak_day=MIDSUMMER
    ),
    ProductTruth("CKE-002", "Apple tart", CAKES, 19, 3.1, week=SUNDAY_CAKE, yearly=0.30, peak_day=285),
    ProductTruth("CKE-003", "Black Forest gateau", CAKES, 11, 3.9, week=SUNDAY_CAKE, growth=-0.2),
    ProductTruth(
        "12 MACARON", "Box of 12 macarons", CAKES, 7, 16.9, week=WEEKEND, noise=0.3, promo_uplift=2.5
    ),
    ProductTruth("Crème brûlée", "Crème brûlée", CAKES, 8, 4.9, week=SUNDAY_CAKE, growth=0.4),
    ProductTruth("CKE-006", "Wedding cake", CAKES, 1.2, 189.0, Pattern.INTERMITTENT, sale_share=0.05),
    ProductTruth("CKE-007", "Birthday cake", CAKES, 1.4, 39.0, Pattern.INTERMITTENT, sale_share=0.22),
)
_DRINKS = (
    ProductTruth("KAFFEE/250g", "House blend coffee, 250 g", DRINKS, 13, 6.9, promo_uplift=2.8, noise=0.1),
    ProductTruth("DRK-001", "Espresso", DRINKS, 68, 2.2, week=WORK_WEEK, noise=0.02),
    ProductTruth(
        "DRK-002", "Cappuccino", DRINKS, 88, 3.2, week=WEEKEND, yearly=0.15, peak_day=15, noise=0.02
    ),
    ProductTruth(
        "DRK-003", "Iced tea", DRINKS, 25, 2.9, yearly=0.75, peak_day=MIDSUMMER, supply_gap=(330, 8)
    ),
    ProductTruth(
        "DRK-004", "Orange juice", DRINKS, 21, 3.3, week=WEEKEND, break_days_ago=400, break_factor=1.5
    ),
    ProductTruth(
        "TEE@BIO", "Organic herbal tea", DRINKS, 5, 4.6, yearly=0.45, peak_day=15, return_share=0.02
    ),
)
_DELI = (
    ProductTruth(
        "DEL-001",
        "Mountain cheese",
        DELI,
        6.4,
        24.0,
        week=WEEKEND,
        by_weight=True,
        unit="kg",
        promo_uplift=1.8,
    ),
    ProductTruth("DEL-002", "Olives in a jar", DELI, 6, 5.4, noise=0.2, return_share=0.03),
    ProductTruth("DEL-003", "Smoked salmon", DELI, 4, 9.8, week=WEEKEND, yearly=0.5, peak_day=CHRISTMAS),
    ProductTruth("DEL-004", "Truffle oil", DELI, 1.3, 14.5, Pattern.INTERMITTENT, sale_share=0.09),
    ProductTruth("DEL-005", "Quince jelly", DELI, 1.8, 4.8, Pattern.INTERMITTENT, sale_share=0.15),
    ProductTruth("DEL-006", "Oat drink, 1 l", DELI, 9, 2.5, Pattern.NEW, age_days=30),
)
_GIFTS = (
    ProductTruth(
        "STOLLEN", "Christmas stollen", GIFTS, 24, 12.9, Pattern.SEASONAL, season=(305, 360), week=WEEKEND
    ),
    ProductTruth(
        "OSTERLAMM", "Easter lamb cake", GIFTS, 14, 8.5, Pattern.SEASONAL, season=(EARLY_SPRING, 112)
    ),
    ProductTruth("GFT-003", "Gift box", GIFTS, 3, 24.9, yearly=0.6, peak_day=CHRISTMAS, return_share=0.05),
    ProductTruth("GFT-004", "Coffee mug", GIFTS, 2, 11.9, noise=0.5, return_share=0.04),
    ProductTruth("GFT-005", "Greeting card", GIFTS, 5, 3.5, week=WORK_WEEK, noise=0.3, growth=-0.3),
    ProductTruth("GFT-006", "Tote bag", GIFTS, 6, 9.9, Pattern.NEW, age_days=3),
    ProductTruth("GFT-007", "Silver cake fork", GIFTS, 0, 59.0, Pattern.NEVER),
)

PRODUCTS: tuple[ProductTruth, ...] = (*_BREAD, *_PASTRY, *_CAKES, *_DRINKS, *_DELI, *_GIFTS)
