// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string_view>

namespace souschef::core {

// Names for orders: four letters, easy to say over a shoulder or a telephone, nothing that hurts.
inline constexpr auto kOrderWords = std::to_array<std::string_view>({
    "aide", "airy", "alto", "aqua", "arch", "area", "atom", "away", "axis", "axle", "baby", "bake", "ball",
    "balm", "band", "bank", "barn", "bars", "base", "bath", "bead", "beak", "beam", "bean", "bear", "beat",
    "beet", "bell", "belt", "bend", "bike", "bind", "bird", "bite", "blue", "blur", "boar", "boat", "body",
    "bold", "bolt", "bond", "bone", "book", "boot", "born", "both", "bowl", "brag", "bran", "brew", "brim",
    "buds", "bulb", "bump", "bush", "busy", "buzz", "cafe", "cage", "cake", "calf", "calm", "came", "camp",
    "cane", "cape", "card", "care", "cart", "case", "cash", "cast", "cave", "cell", "chat", "chef", "chew",
    "chin", "chip", "city", "clam", "clap", "clay", "clip", "club", "clue", "coal", "coat", "coda", "code",
    "coin", "cold", "colt", "comb", "cone", "cook", "cool", "copy", "cord", "core", "cork", "corn", "cosy",
    "crab", "crew", "crop", "crow", "cube", "cups", "curl", "dare", "dart", "dash", "data", "date", "dawn",
    "days", "deal", "dear", "deck", "deed", "deep", "deer", "desk", "dial", "dice", "diet", "dime", "disc",
    "dish", "dive", "dock", "dome", "door", "dots", "dove", "down", "drum", "duck", "duet", "dune", "dusk",
    "dust", "duty", "each", "earl", "earn", "ears", "ease", "east", "easy", "echo", "edge", "eggs", "elks",
    "elms", "epic", "even", "ever", "exam", "exit", "face", "fact", "fair", "fall", "farm", "fast", "fawn",
    "feat", "feel", "feet", "fern", "film", "find", "fine", "fire", "fish", "fisk", "five", "fizz", "flag",
    "flat", "flax", "flip", "flow", "foal", "foam", "fold", "folk", "food", "foot", "ford", "fork", "form",
    "four", "free", "frog", "fuel", "full", "gala", "gale", "game", "gate", "gear", "gems", "gift", "glad",
    "glen", "glow", "glue", "gnat", "goal", "goat", "gold", "golf", "gong", "good", "gown", "gran", "grid",
    "grin", "grip", "grow", "gulf", "gull", "gust", "hail", "hair", "half", "hall", "halo", "hand", "harp",
    "hawk", "haze", "hazy", "head", "heap", "hear", "heat", "herb", "herd", "hero", "hike", "hill", "hint",
    "hive", "hold", "home", "hood", "hoof", "hook", "hoop", "hope", "horn", "hour", "huge", "husk", "iced",
    "icon", "idea", "inch", "inks", "iris", "iron", "isle", "ivys", "jade", "jams", "jazz", "jean", "jeep",
    "join", "joke", "jolt", "july", "jump", "june", "kale", "keen", "keep", "kelp", "kept", "keys", "kilt",
    "kind", "king", "kite", "kiwi", "knee", "knot", "lace", "lady", "lake", "lamb", "lamp", "land", "lane",
    "lark", "lava", "lawn", "lead", "leaf", "leap", "leek", "left", "lens", "lido", "life", "lift", "lily",
    "limb", "lime", "line", "link", "lion", "list", "loaf", "loan", "lock", "loft", "logo", "long", "look",
    "loom", "loop", "loud", "luck", "lung", "lush", "lute", "lynx", "made", "mail", "main", "malt", "mane",
    "many", "maps", "mark", "mask", "maze", "meal", "meet", "melt", "menu", "mica", "mild", "mile", "milk",
    "mill", "mind", "mint", "mist", "moat", "mole", "moon", "moss", "moth", "move", "much", "mule", "muse",
    "musk", "myth", "name", "navy", "near", "neat", "neck", "nest", "news", "next", "nice", "node", "nook",
    "noon", "nose", "note", "noun", "oaks", "oaky", "oars", "oath", "oats", "oboe", "odds", "okay", "once",
    "onyx", "opal", "open", "orca", "oryx", "oval", "oven", "over", "owls", "pace", "pack", "pads", "page",
    "pail", "pair", "palm", "park", "part", "past", "path", "pawn", "peak", "pear", "peas", "peat", "pens",
    "perk", "pier", "pigs", "pile", "pine", "pink", "pint", "pipe", "pith", "plan", "play", "plea", "plot",
    "plow", "plum", "plus", "pods", "poem", "poet", "pole", "polo", "pond", "pony", "pool", "port", "post",
    "prow", "puma", "pump", "pups", "pure", "quad", "quay", "quiz", "race", "raft", "rail", "rain", "ramp",
    "rare", "read", "reed", "reef", "reel", "rein", "rest", "rice", "rich", "ride", "rind", "ring", "ripe",
    "rise", "road", "roam", "robe", "rock", "role", "roll", "roof", "room", "root", "rope", "rose", "ruby",
    "ruff", "rugs", "rule", "rune", "rung", "rush", "rust", "safe", "saga", "sage", "sail", "salt", "same",
    "sand", "sari", "sash", "save", "scan", "seal", "seam", "seed", "shed", "ship", "shoe", "shop", "show",
    "side", "sign", "silk", "silo", "sing", "site", "size", "skid", "skip", "skis", "slab", "sled", "slim",
    "slow", "smog", "snap", "snow", "snug", "soap", "soar", "sock", "soda", "sofa", "soft", "soil", "solo",
    "song", "soon", "soup", "sown", "spar", "spin", "spot", "spur", "stag", "star", "stay", "stem", "step",
    "stew", "suit", "sums", "surf", "swan", "swap", "swim", "tack", "tact", "tale", "talk", "tall", "tang",
    "tank", "tape", "tarn", "task", "taxi", "teal", "team", "teas", "tent", "term", "test", "text", "thaw",
    "tick", "tide", "tidy", "tile", "time", "tiny", "toad", "toes", "toga", "tone", "tool", "tote", "tour",
    "town", "toys", "tram", "tray", "tree", "trek", "trim", "trio", "trot", "true", "tuba", "tube", "tuna",
    "tune", "turf", "turn", "tusk", "tutu", "twig", "twin", "twos", "type", "undo", "unit", "upon", "urge",
    "user", "vale", "vans", "vase", "vast", "veil", "vent", "verb", "very", "vest", "view", "vine", "visa",
    "vole", "volt", "vote", "wade", "wage", "wake", "walk", "wall", "wand", "warm", "wash", "watt", "wave",
    "weal", "wear", "week", "weir", "well", "west", "whey", "whiz", "wick", "wide", "wigs", "wild", "will",
    "wind", "wing", "wink", "wise", "wish", "wisp", "wits", "wolf", "wood", "wool", "word", "work", "wrap",
    "wren", "yaks", "yard", "yarn", "year", "yell", "yews", "yoga", "yolk", "yoyo", "zeal", "zebu", "zero",
    "zest", "zinc", "zips", "zone", "zoom",
});

}  // namespace souschef::core
