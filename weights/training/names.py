"""What a person would call the things that the data sets name otherwise."""

NAMES = {
    "airplanes": "airplane",
    "bass": "bass (fish)",
    "binocular": "binoculars",
    "bonsai": "bonsai tree",
    "brain": "brain (model or scan)",
    "buddha": "Buddha statue",
    "car_side": "car",
    "cellphone": "mobile phone",
    "cougar_body": "cougar",
    "cougar_face": "cougar's face",
    "crocodile_head": "crocodile's head",
    "dollar_bill": "dollar bill",
    "ewer": "jug",
    "faces": "person's face",
    "faces_easy": "face, close up",
    "flamingo_head": "flamingo's head",
    "garfield": "Garfield",
    "gerenuk": "gerenuk (antelope)",
    "hawksbill": "sea turtle",
    "headphone": "headphones",
    "inline_skate": "inline skates",
    "joshua_tree": "Joshua tree",
    "ketch": "ketch (two-masted boat)",
    "leopards": "leopard",
    "motorbikes": "motorbike",
    "nautilus": "nautilus (shell)",
    "rhino": "rhinoceros",
    "schooner": "schooner (sailing ship)",
    "sea_horse": "seahorse",
    "snoopy": "Snoopy",
    "water_lilly": "water lily",
    "wild_cat": "wildcat",
    "windsor_chair": "Windsor chair",
    "yin_yang": "yin-yang",
}


def name_of(label):
    return NAMES.get(label, label.replace("_", " "))
