"""Uploads a blob, changes its tier and deletes it with azure.storage.blob through a connection string."""
import json
import sys

from azure.storage.blob import BlobServiceClient, ContentSettings

service = BlobServiceClient.from_connection_string(sys.argv[1])
container = service.create_container("from-python")
blob = container.get_blob_client("folder/picture one.png")
blob.upload_blob(b"0123456789", content_settings=ContentSettings(content_type="image/png"))
blob.set_standard_blob_tier("Cool")
read = blob.download_blob().readall().decode()
blob.delete_blob()
print(json.dumps({"read": read}))
