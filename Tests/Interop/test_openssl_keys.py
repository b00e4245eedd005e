"""openssl reads our keys, and we read its."""

import unittest
from pathlib import Path

from support import InteropTest


class OpenSSLReadsOurKeys(InteropTest):
    def test_openssl_reads_both_private_forms_and_agrees_on_the_public_key(self) -> None:
        for form, label in [("pkcs8", "PRIVATE KEY"), ("sec1", "EC PRIVATE KEY")]:
            with self.subTest(form=form):
                printed = self.signet("keys", "generate", form, "--format", form).out
                private = (self.scratch / f"keys/{form}.private.pem").read_text()
                self.assertTrue(private.startswith(f"-----BEGIN {label}-----\n"), private.splitlines()[0])
                public = self.openssl("pkey", "-in", f"keys/{form}.private.pem", "-pubout").out
                self.assertEqual(public, printed)
                self.assertEqual(public, (self.scratch / f"keys/{form}.public.pem").read_text())
                self.assertIn(
                    "is valid", self.openssl("pkey", "-in", f"keys/{form}.private.pem", "-check", "-noout").out
                )

    def test_openssl_reads_the_public_pem_as_a_point_on_p256(self) -> None:
        self.signet("keys", "generate", "fresh")
        text = self.openssl("pkey", "-pubin", "-in", "keys/fresh.public.pem", "-text", "-noout", "-pubcheck").out
        self.assertIn("ASN1 OID: prime256v1", text)
        self.assertIn("is valid", text)

    def test_openssl_writes_our_pems_back_byte_for_byte(self) -> None:
        self.signet("keys", "generate", "pkcs8")
        self.signet("keys", "generate", "sec1", "--format", "sec1")
        rewritten = self.openssl("pkey", "-in", "keys/pkcs8.private.pem").out
        self.assertEqual(rewritten, (self.scratch / "keys/pkcs8.private.pem").read_text())
        rewritten = self.openssl("ec", "-in", "keys/sec1.private.pem").out
        self.assertEqual(rewritten, (self.scratch / "keys/sec1.private.pem").read_text())
        rewritten = self.openssl("pkey", "-pubin", "-in", "keys/sec1.public.pem", "-pubout").out
        self.assertEqual(rewritten, (self.scratch / "keys/sec1.public.pem").read_text())


class WeReadOpenSSLsKeys(InteropTest):
    def assert_same_public_key(self, private: str | Path, *more: str | Path) -> None:
        ours = self.signet("keys", "public", private, *more).out
        passphrase = ["-passin", f"file:{more[1]}"] if more else []
        self.assertEqual(
            ours, self.openssl("pkey", "-in", private, *passphrase, "-pubout", "-ec_conv_form", "uncompressed").out
        )

    def test_talkatives_two_commands_make_files_that_we_take_as_they_are(self) -> None:
        # The two commands of Talkative's instructions, to the letter.
        self.openssl(*"ecparam -genkey -name prime256v1 -noout -out ec_private.pem".split())
        self.openssl(*"ec -in ec_private.pem -pubout -out ec_public.pem".split())
        theirs = (self.scratch / "ec_public.pem").read_text()
        self.assertEqual(self.signet("keys", "public", "ec_private.pem").out, theirs)
        self.assertEqual(self.signet("keys", "public", "ec_public.pem").out, theirs)
        private = self.signet("keys", "inspect", "ec_private.pem", "--output", "json").json
        public = self.signet("keys", "inspect", "ec_public.pem", "--output", "json").json
        self.assertEqual((private["kind"], public["kind"]), ("private key", "public key"))
        self.assertEqual(private["thumbprint"], public["thumbprint"])
        self.write_json(
            "signet.json",
            {
                "keys": {"talkative": {"file": "ec_private.pem"}},
                "connections": {"talkative": {"vendor": "talkative", "key": "talkative"}},
            },
        )
        token = self.signet("sign", "--connection", "talkative", "--subject", "12345").out
        self.signet("verify", "--connection", "talkative", stdin=token)
        self.signet("verify", "--key", "ec_public.pem", stdin=token)

    def test_every_way_openssl_has_of_writing_a_p256_key_is_read(self) -> None:
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "sec1.pem")
        commands = {
            "with-parameters.pem": "ecparam -genkey -name prime256v1 -out with-parameters.pem",
            "genpkey.pem": "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out genpkey.pem",
            "pkcs8.pem": "pkcs8 -topk8 -nocrypt -in sec1.pem -out pkcs8.pem",
            "traditional.pem": "pkey -in pkcs8.pem -traditional -out traditional.pem",
            "compressed.pem": "ec -in sec1.pem -conv_form compressed -out compressed.pem",
            "no-public.pem": "ec -in sec1.pem -no_public -out no-public.pem",
            "with-text.pem": "pkey -in pkcs8.pem -text -out with-text.pem",
        }
        for name, command in commands.items():
            with self.subTest(name):
                self.openssl(*command.split())
                (self.scratch / name).chmod(0o600)
                self.assert_same_public_key(name)

    def test_public_pems_are_read_also_with_a_compressed_point(self) -> None:
        self.signet("keys", "generate", "fresh")
        ours = (self.scratch / "keys/fresh.public.pem").read_text()
        for name, form in [("compressed.pem", "compressed"), ("hybrid.pem", "hybrid")]:
            with self.subTest(form):
                self.openssl("ec", "-pubin", "-in", "keys/fresh.public.pem", "-conv_form", form, "-out", name)
                self.assertNotEqual((self.scratch / name).read_text(), ours)
                self.assertEqual(
                    self.signet("keys", "inspect", name, "--output", "json").json["thumbprint"],
                    self.signet("keys", "inspect", "keys/fresh.public.pem", "--output", "json").json["thumbprint"],
                )

    def test_pems_that_windows_or_a_clipboard_has_had_are_read(self) -> None:
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "unix.pem")
        text = (self.scratch / "unix.pem").read_text()
        changes = {
            "CRLF": text.replace("\n", "\r\n"),
            "no line end at the end": text.rstrip("\n"),
            "empty lines around": f"\n\n{text}\n\n",
            "words before": f"The key of 2026:\n{text}",
        }
        for what, content in changes.items():
            with self.subTest(what):
                self.write("changed.pem", content)
                self.assertEqual(
                    self.signet("keys", "public", "changed.pem").out, self.signet("keys", "public", "unix.pem").out
                )

    def test_encrypted_private_keys_are_read_with_a_passphrase_file(self) -> None:
        self.openssl("ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "sec1.pem")
        self.write("passphrase", "correct horse, bättery: staple\n")
        self.write("wrong", "incorrect horse\n")
        pkcs8 = "pkcs8 -topk8 -in sec1.pem -passout file:passphrase -out encrypted.pem "
        commands = [
            pkcs8 + "-v2 aes-256-cbc",
            pkcs8 + "-v2 aes-128-cbc",
            pkcs8 + "-v2 des3",
            pkcs8 + "-v2 camellia-256-cbc",
            pkcs8 + "-v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 5000",
            pkcs8 + "-scrypt",
            "pkey -in sec1.pem -aes-256-cbc -passout file:passphrase -out encrypted.pem",
            "ec -in sec1.pem -aes256 -passout file:passphrase -out encrypted.pem",
        ]
        for command in commands:
            with self.subTest(command):
                self.openssl(*command.split())
                (self.scratch / "encrypted.pem").chmod(0o600)
                self.assert_same_public_key("encrypted.pem", "--passphrase-file", "passphrase")
                refusal = self.signet("keys", "public", "encrypted.pem", "--passphrase-file", "wrong", status=2)
                self.assertIn("the passphrase does not open the private key", refusal.err)
                refusal = self.signet("keys", "public", "encrypted.pem", status=2)
                self.assertIn("no passphrase was given", refusal.err)


class WeRefuseOtherKeys(InteropTest):
    def assert_refused(self, name: str, reason: str) -> None:
        (self.scratch / name).chmod(0o600)
        refusals = [self.signet("keys", "public", name, status=2), self.signet("keys", "inspect", name, status=2)]
        for refusal in refusals:
            self.assertIn(reason, refusal.err)
            self.assertEqual(refusal.out, "")

    def test_other_curves_are_refused_by_name_private_and_public(self) -> None:
        for curve in ["secp384r1", "secp521r1", "secp256k1", "brainpoolP256r1", "brainpoolP384r1", "secp224r1"]:
            with self.subTest(curve):
                self.openssl("ecparam", "-genkey", "-name", curve, "-noout", "-out", "private.pem")
                self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
                self.assert_refused("private.pem", f"this key is on {curve}; ES256 needs P-256")
                self.assert_refused("public.pem", f"this key is on {curve}; ES256 needs P-256")

    def test_other_types_are_refused_by_name_private_and_public(self) -> None:
        for algorithm in ["RSA", "ED25519", "X25519", "ED448"]:
            with self.subTest(algorithm):
                self.openssl("genpkey", "-algorithm", algorithm, "-out", "private.pem")
                self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
                self.assert_refused("private.pem", f"this is a key of type {algorithm}")
                self.assert_refused("public.pem", f"this is a key of type {algorithm}")

    def test_rsa_in_its_own_old_form_is_refused(self) -> None:
        self.openssl("genrsa", "-traditional", "-out", "private.pem", "2048")
        self.assert_refused("private.pem", '"RSA PRIVATE KEY"')

    def test_explicit_curve_parameters_are_refused_even_if_they_are_p256s(self) -> None:
        self.openssl(*"ecparam -genkey -name prime256v1 -param_enc explicit -noout -out private.pem".split())
        self.openssl("pkey", "-in", "private.pem", "-pubout", "-out", "public.pem")
        self.assert_refused("private.pem", "explicit curve parameters")
        self.assert_refused("public.pem", "explicit curve parameters")

    def test_parameters_without_a_key_and_two_keys_in_a_file_are_refused(self) -> None:
        self.openssl("ecparam", "-name", "prime256v1", "-out", "parameters.pem")
        self.assert_refused("parameters.pem", "EC PARAMETERS and no key")
        self.signet("keys", "generate", "one")
        self.signet("keys", "generate", "two")
        both = [(self.scratch / f"keys/{name}.private.pem").read_text() for name in ("one", "two")]
        self.write("both.pem", "".join(both))
        self.assert_refused("both.pem", "has 2 keys")

    def test_a_certificate_and_a_certificate_request_are_no_keys(self) -> None:
        self.signet("keys", "generate", "own")
        for name, flags in [("certificate.pem", ["-x509"]), ("request.pem", [])]:
            with self.subTest(name):
                self.openssl("req", "-new", *flags, "-key", "keys/own.private.pem", "-subj", "/CN=x", "-out", name)
                self.assert_refused(name, "CERTIFICATE")

    def test_a_der_file_is_not_told_to_be_a_secret(self) -> None:
        self.signet("keys", "generate", "own")
        self.openssl("pkey", "-in", "keys/own.private.pem", "-outform", "DER", "-out", "own.der")
        (self.scratch / "own.der").chmod(0o600)
        done = self.signet("keys", "inspect", "own.der", status=2)
        self.assertIn("DER", done.out + done.err)
        self.assertNotIn("HMAC secret", done.out + done.err)

    def test_a_der_file_is_never_used_as_a_secret(self) -> None:
        self.signet("keys", "generate", "own")
        self.openssl("pkey", "-in", "keys/own.private.pem", "-outform", "DER", "-out", "own.der")
        (self.scratch / "own.der").chmod(0o600)
        self.assertIn(
            "a DER-encoded key is neither a PEM file nor a JWK", self.signet("verify", "--key", "own.der", "a.b.c", status=2).err
        )
