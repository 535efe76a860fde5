"""All settings of the three trainings in one place."""

SEED = 20261121

CACHE = 224  # size of the cached pictures that crops and scenes are made from

CLASSIFIER = dict(
    input_size=160,
    whole_size=192,  # of the network with all blocks, which teaches the other
    # (epochs, input size); every input size is a multiple of 16, of detector and segmenter of 32.
    phases=((4, 128), (3, 160)),
    short=((4, 128), (2, 144)),  # when the published network is trained further
    least_steps=24,  # in an epoch
    batch=64,
    learning_rate=0.025,
    pretrained=1.0,
    warmup=0.06,  # share of the schedule
    weight_decay=1e-4,
    label_smoothing=0.1,
    # A class of n pictures is drawn in proportion to n^0.6 rather than n.
    balance=0.6,
    background=1.5,  # how often pictures of nothing known are drawn, compared with the rule above
    crop_area=(0.3, 1.0),
    # Smallest crop for labels that have a sibling label showing a detail of them, where a tight crop would be
    # the sibling's picture.
    gentle_labels={
        "faces": 0.8, "faces_easy": 0.8, "cougar_body": 0.6, "crocodile": 0.6, "flamingo": 0.6,
        "cougar_face": 0.7, "crocodile_head": 0.7, "flamingo_head": 0.7,
    },
    rotation=15,
    quarter_turns=0.06,  # share of pictures that lie on a side
    drawn=0.1,  # share of pictures turned into drawings
    worn=0.15,  # share of pictures made dark, blurred or noisy
    cutmix=0.15,  # share of batches
    mixup=0.25,
    ema=0.99,
    # In place of the above with a teacher, whose answers count by the given share, and labels by the rest.
    taught=dict(phases=((3, 128), (4, 144)), teacher=0.9, learning_rate=0.02, ema=0.997),
)

# Section 2.2 of the SSD paper; four maps, scales from a tenth of the picture to 0.85, and one beyond for the last map's
# second square.
DEFAULT_BOXES = dict(
    featureMaps=[28, 14, 7, 4],
    scales=[0.1, 0.28, 0.56, 0.85, 1.08],
    aspectRatios=[[2], [2, 3], [2, 3], [2, 3]],
    variances=[0.1, 0.2],
)
NMS = dict(iouThreshold=0.45, scoreThreshold=0.005, maxPerClass=50)

# Scenes for detector and segmenter: real pictures, and cut-outs pasted onto others.
SCENES = dict(
    pastes=(0.65, 0.2, 0.1, 0.05),  # probability of 0, 1, 2, 3 pasted objects on an annotated picture
    pastes_background=(0.12, 0.4, 0.28, 0.2),  # and on one without known objects
    crop=(0.55, 1.2),  # side of the crop, as a share of the base picture's; above 1 the picture is shrunk
    scale=(0.1, 0.95),  # of a pasted object's longer side, as a share of the picture
    quarter_turns=0.05,  # share of batches that lie on a side
    drawn=0.07,  # share of pictures turned into drawings
    worn=0.08,  # share of pictures made dark, blurred or noisy
    weights={"coco2017": 4.0, "caltech101": 1.0, "oxford-iiit-pet": 1.0, "background": 0.12},
    balance=0.6,  # a class of n pictures is drawn in proportion to n^0.6 rather than n
)

# Labels whose pictures may show one of the 20 classes without saying so: no base of a scene.
RELATED = {
    "airplanes", "beaver", "bonsai", "butterfly", "camera", "car_side", "cat", "cellphone", "crab", "crayfish",
    "crocodile", "crocodile_head", "dalmatian", "dog", "dolphin", "dragonfly", "elephant", "emu", "faces",
    "faces_easy", "flamingo", "flamingo_head", "kangaroo", "panda", "cougar_body", "cougar_face", "wild_cat",
    "leopards", "lobster", "buddha", "motorbikes", "wheelchair", "inline_skate", "joshua_tree", "garfield", "snoopy",
    "ibis", "mayfly", "accordion", "euphonium", "saxophone", "electric_guitar",
}  # fmt: skip

DETECTOR = dict(
    phases=((24, 160), (24, 224)),  # (epochs, input size)
    short=((6, 160), (2, 224)),
    steps=64,  # in an epoch
    short_steps=24,
    batch=16,
    learning_rate=0.02,
    pretrained=0.5,  # share of the learning rate for layers that come from a trained network
    warmup=0.05,
    weight_decay=2e-4,
    overlap=2.0,  # weight of the overlap beside the smooth L1 of the offsets
    negatives=3,  # hard negatives for each positive
    ema=0.998,
    # In place of the above with a teacher, the weight of whose answers beside the truth is given, too.
    taught=dict(phases=((40, 224),), teacher=1.0),
)

SEGMENTER = dict(
    whole_size=224,  # of the network with all blocks, which teaches the other
    phases=((32, 160), (20, 224)),
    short=((6, 160), (2, 192)),
    steps=64,
    short_steps=24,
    batch=16,
    learning_rate=0.03,
    pretrained=0.3,
    warmup=0.05,
    weight_decay=2e-4,
    names_first=0.1,  # share of the schedule in which only cross-entropy is learned from
    edges=2.0,  # what a pixel near the end of a thing counts more in cross-entropy
    dice=0.5,  # weight of the Dice term beside cross-entropy
    foreground=0.5,  # weight of the term on foreground against background
    ema=0.998,
    # In place of the above with a teacher, the weight of whose answers beside the truth is given, too.
    taught=dict(phases=((16, 160), (24, 192)), teacher=1.0, learning_rate=0.02),
)
