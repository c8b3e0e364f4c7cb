//! Sends to every spelling of an address that is not public, and of names that lead to one.

use hostile_http::Request;

/// The listener that must hear nothing has port `{p}`.
const AUTHORITIES: [&str; 96] = [
    // This machine, as four numbers, as fewer, and in other bases.
    "127.0.0.1:{p}",
    "127.0.0.2:{p}",
    "127.1:{p}",
    "127.0.1:{p}",
    "0x7f.1:{p}",
    "0x7f.0.0.1:{p}",
    "0x7f000001:{p}",
    "0X7F.0.0.1:{p}",
    "0177.0.0.1:{p}",
    "017700000001:{p}",
    "0o177.0.0.1:{p}",
    "2130706433:{p}",
    "02130706433:{p}",
    "127.0.0.01:{p}",
    "127.0.0.001:{p}",
    "127.0.0.1.:{p}",
    "127.0.0.1..:{p}",
    "127.0.0.257:{p}",
    "0:{p}",
    "0.0.0.0:{p}",
    "0.0.0.1:{p}",
    // As version six, and what stands for version four in it.
    "[::1]:{p}",
    "[::]:{p}",
    "[0:0:0:0:0:0:0:1]:{p}",
    "[0000::0001]:{p}",
    "[::ffff:127.0.0.1]:{p}",
    "[::ffff:7f00:1]:{p}",
    "[::ffff:0:127.0.0.1]:{p}",
    "[::127.0.0.1]:{p}",
    "[64:ff9b::7f00:1]:{p}",
    "[64:ff9b::127.0.0.1]:{p}",
    "[64:ff9b:1::7f00:1]:{p}",
    "[2002:7f00:1::]:{p}",
    "[2002:a00:1::1]:{p}",
    "[2001:0:7f00:1::]:{p}",
    "[2001:db8::1]:{p}",
    "[fe80::1]:{p}",
    "[fe80::1%25lo]:{p}",
    "[fe80::1%lo]:{p}",
    "[fec0::1]:{p}",
    "[fc00::1]:{p}",
    "[fd00:ec2::254]:{p}",
    "[ff02::1]:{p}",
    "[100::1]:{p}",
    "[5f00::1]:{p}",
    // Networks around it, and what clouds keep there.
    "10.0.0.1:{p}",
    "10.255.255.255:{p}",
    "172.16.0.1:{p}",
    "172.31.255.255:{p}",
    "192.168.0.1:{p}",
    "100.64.0.1:{p}",
    "100.100.100.200:{p}",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16:{p}",
    "192.0.0.192:{p}",
    "198.18.0.1:{p}",
    "192.0.2.1:{p}",
    "224.0.0.1:{p}",
    "240.0.0.1:{p}",
    "255.255.255.255:{p}",
    // Names that lead there: the test's network gives its own address for each.
    "metadata.google.internal",
    "metadata",
    "instance-data.ec2.internal",
    "localhost:{p}",
    "LOCALHOST:{p}",
    "LocalHost.:{p}",
    "sub.localhost:{p}",
    "localhost.localdomain:{p}",
    "ip6-localhost:{p}",
    "127.0.0.1.example:{p}",
    "127.0.0.1.example",
    "leads-home.example",
    "intranet",
    // A host that is not the host, as another parser would see it.
    "user@127.0.0.1:{p}",
    "user:word@127.0.0.1:{p}",
    "public.example@127.0.0.1:{p}",
    "127.0.0.1:{p}@public.example",
    "public.example#@127.0.0.1:{p}",
    "127.0.0.1:{p}#.public.example",
    "127.0.0.1:{p}\\@public.example",
    "127.0.0.1:{p}?.public.example",
    "%31%32%37.0.0.1:{p}",
    "127%2e0%2e0%2e1:{p}",
    "%6c%6fcalhost:{p}",
    "\u{2460}\u{2461}\u{2466}.0.0.1:{p}",
    "\u{ff11}\u{ff12}\u{ff17}.0.0.1:{p}",
    "127\u{3002}0\u{3002}0\u{3002}1:{p}",
    "\u{24db}ocalhost:{p}",
    // Ports.
    "127.0.0.1:0",
    "127.0.0.1:99999",
    "127.0.0.1:+{p}",
    "127.0.0.1:0{p}",
    "127.0.0.1:-1",
    "[::1",
    "",
];

/// What stands where a path does, of requests to a public host.
const PATHS: [&str; 8] = [
    "http://127.0.0.1:{p}/",
    "//127.0.0.1:{p}/",
    "/\\127.0.0.1:{p}/",
    "@127.0.0.1:{p}/",
    ":{p}@127.0.0.1/",
    ".127.0.0.1:{p}/",
    "/ HTTP/1.1\r\nhost: 127.0.0.1:{p}\r\n\r\n",
    "http:/127.0.0.1:{p}/",
];

/// `input` is the port.
fn table(input: &str) -> String {
    let mut answered = Vec::new();
    for authority in AUTHORITIES {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{}/", authority.replace("{p}", input));
            if Request::get(&url).send().is_ok() {
                answered.push(url);
            }
        }
    }
    for path in PATHS {
        let mut request = Request::get("http://leads-home.example/");
        request.path = path.replace("{p}", input);
        if request.send().is_ok() {
            answered.push(request.path);
        }
    }
    for scheme in ["file", "ftp", "gopher", "HTTP", "ws", "unix", "data"] {
        if Request::get(&format!("{scheme}://127.0.0.1:{input}/")).send().is_ok() {
            answered.push(scheme.to_owned());
        }
    }
    format!("{} of {}: {answered:?}", answered.len(), AUTHORITIES.len())
}

hostile_kit::attack!(table);
