"""Backup and restore of the hub: the catalogue, the file store and the secret key, consistent while the hub is in use.

    FOLDER/manifest.json              written last: a folder without it is no backup
           catalogue-MOMENT.sqlite3   the catalogue at one moment; catalogue-MOMENT.dump from PostgreSQL
           contents-MOMENT.sha256     every file below with its SHA-256, as `sha256sum --check` reads it
           files/…, texts/…           the file store, laid out as in the data folder
           secret.key

The catalogue is written first, then every file that it names. Files of the store are never changed, so that what the
catalogue names stays what it was: this is all that consistency needs. The index is not in it, it is made anew.
"""
