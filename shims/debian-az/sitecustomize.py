"""Lets Debian's az load its eventgrid commands, whose module is older than the SDK that Debian ships with it.

The command module imports classes of previews that the SDK no longer has. Each becomes an empty model: what az puts
into it is not sent, and everything else is az's own. Ringmain puts this folder on PYTHONPATH for Debian's az only.
"""

import logging
import sys
from importlib.machinery import PathFinder

MODELS = "azure.mgmt.eventgrid.models"
SERIALIZATION = "azure.mgmt.eventgrid._serialization"


class ModelsFinder:
    """Finds the SDK's module of models, and completes it once it is loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != MODELS:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None:
            return None
        load = spec.loader.exec_module

        def load_and_complete(module):
            load(module)
            complete(module)

        spec.loader.exec_module = load_and_complete
        return spec


def complete(module):
    """Gives the module what az's commands take from it and it no longer has."""
    module.__getattr__ = lambda wanted: empty_model(module, wanted)
    kinds = getattr(module, "ChannelType", None)
    if kinds is not None and "PARTNER_DESTINATION" not in kinds.__members__:
        kinds.PARTNER_DESTINATION = "PartnerDestination"
    # That such a member is not sent need not be told with every command.
    logging.getLogger(SERIALIZATION).addFilter(
        lambda record: "is not a known attribute of class" not in str(record.msg)
    )


def empty_model(module, name):
    """A class of the SDK's kind without attributes, made when it is first asked for."""
    if name.startswith("_"):
        raise AttributeError(name)
    model = module.Topic.__mro__[-2]
    made = type(name, (model,), {"_attribute_map": {}, "__module__": module.__name__})
    setattr(module, name, made)
    return made


sys.meta_path.insert(0, ModelsFinder)
