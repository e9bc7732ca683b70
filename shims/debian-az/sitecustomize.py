"""Lets Debian's az load its eventgrid commands, whose module is older than the SDK that Debian ships with it.

The command module imports preview classes that the SDK no longer has. Each of them becomes an empty model, whose
members are not sent. Everything else stays az's own. Ringmain adds this folder to PYTHONPATH only for Debian's az.
"""

import logging
import sys
from importlib.machinery import PathFinder

MODELS = "azure.mgmt.eventgrid.models"
SERIALIZATION = "azure.mgmt.eventgrid._serialization"


class ModelsFinder:
    """Finds the SDK's module of models and completes it once it is loaded."""

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
    """Adds the classes and members to the module that az's commands use and the SDK no longer has."""
    module.__getattr__ = lambda name: empty_model(module, name)
    kinds = getattr(module, "ChannelType", None)
    if kinds is not None and "PARTNER_DESTINATION" not in kinds.__members__:
        kinds.PARTNER_DESTINATION = "PartnerDestination"
    # Hides the warning about members that are not sent, which would be printed for every command.
    logging.getLogger(SERIALIZATION).addFilter(
        lambda record: "is not a known attribute of class" not in str(record.msg)
    )


def empty_model(module, name):
    """Returns a class of the SDK's kind without attributes. Creates it on first use."""
    if name.startswith("_"):
        raise AttributeError(name)
    model = module.Topic.__mro__[-2]
    created = type(name, (model,), {"_attribute_map": {}, "__module__": module.__name__})
    setattr(module, name, created)
    return created


sys.meta_path.insert(0, ModelsFinder)
