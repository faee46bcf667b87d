local hash = require("hash")
local fs = require("fs")
local expect = require("expect")

-- As sha256sum and its kin say of "abc".
local abc = {
  sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  sha512 = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" ..
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d",
  md5 = "900150983cd24fb0d6963f7d28e17f72",
}

function test_digests_of_texts_and_files()
  fs.write("abc", "abc")
  for name, want in pairs(abc) do
    expect.equal(hash[name]("abc"), want)
    expect.equal(hash.file("abc", name), want)
  end
  expect.equal(hash.file("abc"), abc.sha256)
end

function test_bytes_count_as_they_are()
  local bytes = ("\0\255\r\n"):rep(300000)
  fs.write("large", bytes)
  expect.equal(hash.file("large"), hash.sha256(bytes))
  fs.write("empty", "")
  expect.equal(hash.file("empty", "md5"), hash.md5(""))
end

function test_hmac()
  -- RFC 4231, test case 2
  local want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
  expect.equal(hash.hmac_sha256("Jefe", "what do ya want for nothing?"), want)
  expect.equal(hash.hmac_sha256(host.secret("Jefe"), "what do ya want for nothing?"), want)
end

function test_wrong_arguments()
  hash.sha256(1) --! argument text: want string, got number
  hash.sha256(host.secret("x")) --! want string, got secret
  hash.file("users.csv", "sha3") --! did you mean sha1?
  hash.file("none") --! not_found: hash.file: there is no none
  hash.file("../x") --! permission: hash.file: ../x is outside of
  hash.file(".") --! hash.file: .: is a folder
  expect.equal(#hash.file(host.given()), 64)
end
