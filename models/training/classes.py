"""The 80 names of COCO, and the classes that the shipped detector and the crop classifier know: a subset, in COCO's order.

A model this small, trained this briefly, gains nothing from names that occur a handful of times in the
training pictures; these 36 are the ones that occur often or that the drawn scenes contain.
"""

COCO80 = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,"
    "parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,"
    "handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,"
    "surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,"
    "broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,toilet,tv,laptop,"
    "mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,"
    "teddy bear,hair drier,toothbrush"
).split(",")

CLASSES = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,"
    "bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,umbrella,sports ball,bottle,cup,"
    "chair,couch,potted plant,dining table,tv,laptop,book,clock,vase"
).split(",")

INDEX = {name: i for i, name in enumerate(CLASSES)}
