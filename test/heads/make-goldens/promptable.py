"""A tiny SAM with random weights in the two forms that people run, and what transformers makes of prompts.

`python3 promptable.py` writes ../goldens/promptable.json and the networks beside it. Needs torch, transformers, onnx.
`published` has the inputs and outputs of export_onnx_model.py in SAM's own repository; `pair` those of Hugging Face's exports
for transformers.js.
"""

import base64
import json
import math
from pathlib import Path

import compiled_nms  # noqa: F401
import numpy as np
import onnx
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from transformers import SamConfig, SamImageProcessor, SamModel

FOLDER = Path(__file__).resolve().parent.parent / "goldens"
SIDE, PATCH, WIDTH = 64, 16, 16
HEIGHT, BREADTH = 45, 64

torch.manual_seed(7)
config = SamConfig(
    vision_config={
        "image_size": SIDE, "patch_size": PATCH, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "mlp_dim": 16, "output_channels": WIDTH, "num_pos_feats": WIDTH // 2, "global_attn_indexes": [0], "window_size": 0,
    },
    prompt_encoder_config={
        "image_size": SIDE, "patch_size": PATCH, "hidden_size": WIDTH, "mask_input_channels": 4,
        "image_embedding_size": SIDE // PATCH,
    },
    mask_decoder_config={
        "hidden_size": WIDTH, "num_attention_heads": 2, "mlp_dim": 8, "num_hidden_layers": 2, "iou_head_hidden_dim": 8,
    },
)
model = SamModel(config).eval()
for parameter in model.parameters():
    if parameter.dim() > 1:
        nn.init.normal_(parameter, std=1.6 / math.sqrt(parameter[0].numel()))
# Masks of larger numbers, of both signs.
for name in ("upscale_conv1", "upscale_conv2"):
    nn.init.normal_(getattr(model.mask_decoder, name).weight, std=1.5)


class Encoder(nn.Module):
    def __init__(self, paired):
        super().__init__()
        self.model, self.paired = model, paired

    def forward(self, pixel_values):
        seen = self.model.vision_encoder(pixel_values)[0]
        return (seen, self.model.get_image_wide_positional_embeddings().repeat(1, 1, 1, 1)) if self.paired else seen


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, input_points, input_labels, image_embeddings, image_positional_embeddings):
        sparse, dense = self.model.prompt_encoder(input_points, input_labels, None, None)
        masks, scores = self.model.mask_decoder(image_embeddings, image_positional_embeddings, sparse, dense, True)
        return scores, masks


class Published(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model

    def forward(self, image_embeddings, point_coords, point_labels, mask_input, has_mask_input, orig_im_size):
        prompts = self.model.prompt_encoder
        places = prompts.shared_embedding((point_coords + 0.5)[:, None], (SIDE, SIDE))
        labels = point_labels[:, None, :, None]
        sparse = places * (labels != -1) + prompts.not_a_point_embed.weight * (labels == -1)
        for label, embedding in enumerate(prompts.point_embed):
            sparse = sparse + embedding.weight * (labels == label)
        dense = has_mask_input * prompts.mask_embed(mask_input)
        dense = dense + (1 - has_mask_input) * prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        whole = self.model.get_image_wide_positional_embeddings()
        decoder = self.model.mask_decoder
        low, scores = decoder(image_embeddings, whole, sparse, dense, True)
        first, first_score = decoder(image_embeddings, whole, sparse, dense, False)
        low, scores = torch.cat([first, low], 2)[:, 0], torch.cat([first_score, scores], 2)[:, 0]
        masks = F.interpolate(low, (SIDE, SIDE), mode="bilinear", align_corners=False)
        seen = torch.floor(SIDE / orig_im_size.max() * orig_im_size + 0.5).to(torch.int64)
        height, width = orig_im_size.to(torch.int64)
        masks = F.interpolate(masks[..., : seen[0], : seen[1]], (height, width), mode="bilinear", align_corners=False)
        return masks, scores, low


def export(name, network, inputs, outputs, dynamic=None):
    path = FOLDER / f"promptable-{name}.onnx"
    torch.onnx.export(network, tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs,
                      dynamic_axes=dynamic or {}, opset_version=17, dynamo=False)
    written = onnx.load(path)
    # Most of a file of so few weights are long names.
    short = {}

    def name_of(value):
        return value if value in ("", *inputs, *outputs) else short.setdefault(value, f"v{len(short)}")

    for node in written.graph.node:
        node.name = node.doc_string = ""
        node.input[:] = [name_of(value) for value in node.input]
        node.output[:] = [name_of(value) for value in node.output]
    for tensor in written.graph.initializer:
        tensor.name = name_of(tensor.name)
    del written.graph.value_info[:]
    onnx.save(written, path)


def numbers(tensor):
    return [float(f"{x:.6g}") for x in tensor.flatten().tolist()]


def answer(seen, whole, low, scores, order):
    """Masks in an order, as transformers' processor enlarges them."""
    masks = SamImageProcessor().post_process_masks([low], [(HEIGHT, BREADTH)], [seen], pad_size={"height": SIDE, "width": SIDE})
    return [{"score": numbers(scores[k])[0], "logits": numbers(low[0, k]),
             "area": int(masks[0][0, k].sum()), "pixels": "".join(str(int(p)) for p in masks[0][0, k].flatten())}
            for k in order]


def main():
    row, column = np.mgrid[0:HEIGHT, 0:BREADTH]
    pixels = np.stack([127 + 120 * np.sin(row / 5 + column / 9), 127 + 120 * np.cos(column / 6), 4 * column + row], -1)
    picture = pixels.clip(0, 255).astype(np.uint8)
    processor = SamImageProcessor(size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE})
    prepared = processor(Image.fromarray(picture), return_tensors="pt")
    seen = [int(d) for d in prepared["reshaped_input_sizes"][0]]
    with torch.no_grad():
        whole = model.get_image_wide_positional_embeddings()
        embeddings = model.vision_encoder(prepared["pixel_values"])[0]
        points, labels = torch.tensor([[20.0, 11.0]]), torch.tensor([1])
        export("encoder", Encoder(False), {"images": prepared["pixel_values"]}, ["image_embeddings"])
        export("vision-encoder", Encoder(True), {"pixel_values": prepared["pixel_values"]},
               ["image_embeddings", "image_positional_embeddings"])
        export("pair", Pair(), {"input_points": points[None, None], "input_labels": labels[None, None],
                                "image_embeddings": embeddings, "image_positional_embeddings": whole},
               ["iou_scores", "pred_masks"], {"input_points": {2: "n"}, "input_labels": {2: "n"}})
        export("published", Published(),
               {"image_embeddings": embeddings, "point_coords": points[None], "point_labels": labels[None].float(),
                "mask_input": torch.zeros(1, 1, SIDE // 4, SIDE // 4), "has_mask_input": torch.zeros(1),
                "orig_im_size": torch.tensor([float(HEIGHT), float(BREADTH)])},
               ["masks", "iou_predictions", "low_res_masks"],
               {"point_coords": {1: "n"}, "point_labels": {1: "n"}, "masks": {2: "h", 3: "w"}})
        scale = torch.tensor([seen[1] / BREADTH, seen[0] / HEIGHT])
        cases = []

        def ask(form, points, inside, box=None, previous=None):
            own = torch.tensor(points).reshape(1, 1, -1, 2).float() * scale
            arguments = {
                "input_points": own if points else None,
                "input_labels": torch.tensor(inside).long().reshape(1, 1, -1) if points else None,
                "input_boxes": torch.tensor(box).reshape(1, 1, 2, 2).mul(scale).reshape(1, 1, 4) if box else None,
                "input_masks": previous,
            }
            several = model(image_embeddings=embeddings, multimask_output=True, **arguments)
            low, scores = several.pred_masks[0], several.iou_scores[0, 0]
            if form == "published":
                single = model(image_embeddings=embeddings, multimask_output=False, **arguments)
                low = torch.cat([single.pred_masks[0], low], 1)
                scores = torch.cat([single.iou_scores[0, 0], scores])
            # select_masks: the single mask comes first from three points on, a box counting as two.
            count = len(points) + (2 if box else 1)
            rank = scores.clone()
            if form == "published":
                rank[0] += (count - 2.5) * 1000
            order = rank.argsort(descending=True).tolist()
            prompt = {"points": [{"x": x, "y": y, "inside": bool(i)} for (x, y), i in zip(points, inside, strict=True)]}
            if box:
                prompt["box"] = dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
            found = answer(seen, whole, low, scores, order)
            cases.append({"form": form, "prompt": prompt, "refines": previous is not None, "masks": found})
            return low[:, order[0]][None]

        for form in ("pair", "published"):
            first = ask(form, [(20.0, 11.0)], [1])
            ask(form, [(20.0, 11.0), (41.5, 30.0)], [1, 0])
            ask(form, [(5.0, 6.0), (41.5, 30.0), (50.0, 3.0)], [0, 1, 1])
        ask("published", [], [], (8.0, 5.0, 44.0, 31.0))
        ask("published", [(20.0, 11.0)], [1], (8.0, 5.0, 44.0, 31.0))
        ask("published", [(20.0, 11.0)], [1], None, first)
    record = {"width": BREADTH, "height": HEIGHT, "picture": base64.b64encode(picture.tobytes()).decode(), "cases": cases}
    (FOLDER / "promptable.json").write_text(json.dumps(record) + "\n")


main()
