namespace Nspawn;

/// <summary>What of the host decides whether machines with a network of their own reach out.</summary>
/// <param name="read">The text of a file; null: it is not there.</param>
internal sealed class NetworkExamination(Func<string, string?> read)
{
    /// <param name="hasNetworkd">systemd-networkd runs.</param>
    /// <param name="nameServers">Name servers that a container can reach.</param>
    /// <param name="rules">The packet filter's rules, as nft(8) lists them; null: they cannot be asked for.</param>
    /// <param name="fault">Why not.</param>
    /// <param name="hasRoute">The host itself has a way out.</param>
    public IEnumerable<Diagnosis> Findings(
        bool hasNetworkd, IReadOnlyCollection<string> nameServers, string? rules, string? fault, bool hasRoute) =>
    [
        Diagnosis.Good("networkd", hasNetworkd
            ? "systemd-networkd runs: links of machines are left to it"
            : "systemd-networkd does not run: nspawn gives links addresses and a way out itself"),
        hasRoute ? Diagnosis.Good("route", "the host has a default route")
            : new("route", DiagnosisKind.Fault, "the host has no default route: machines get no further than the host", "ip route add default via ROUTER"),
        Forwarding(hasNetworkd),
        NameServers(nameServers),
        .. rules is null
            ? [new("nftables", DiagnosisKind.Fault, $"no packet filter to masquerade and forward ports with: {fault}", "apt install libnftables1; modprobe nf_tables")]
            : Drops(rules).DefaultIfEmpty(Diagnosis.Good("firewall", "no chain drops by default what is forwarded or asked of the host")),
    ];

    // What asks on the loopback is left as it is: machines look where systemd-resolved lists the servers that it asks itself.
    private Diagnosis NameServers(IReadOnlyCollection<string> known)
    {
        const string Uplink = "/run/systemd/resolve";
        return known.Count > 0 ? Diagnosis.Good("dns", $"machines are told to ask {string.Join(", ", known)}")
            : read("/etc/resolv.conf")?.Split('\n').Any(line => line.StartsWith("nameserver", StringComparison.Ordinal)) != true
                ? new("dns", DiagnosisKind.Lack, "the host has no name server: machines have nobody to ask", "echo nameserver 9.9.9.9 >>/etc/resolv.conf")
            : read($"{Uplink}/resolv.conf") is not null
                ? new("dns", DiagnosisKind.Lack, "systemd-resolved knows no name server beyond the host: machines have nobody to ask", "resolvectl dns LINK 9.9.9.9")
            : new("dns", DiagnosisKind.Lack, "the host's name servers are on its own loopback: machines have nobody to ask",
                $"mkdir -p {Uplink} && echo nameserver 9.9.9.9 >{Uplink}/resolv.conf");
    }

    private Diagnosis Forwarding(bool hasNetworkd)
    {
        const string Switch = "/proc/sys/net/ipv4/ip_forward";
        return read(Switch)?.Trim() == "1" ? Diagnosis.Good("forwarding", "IPv4 is forwarded")
            : hasNetworkd ? Diagnosis.Good("forwarding", "IPv4 is not forwarded yet; systemd-networkd switches it on for links of machines, not for bridges of the host")
            : Diagnosis.Good("forwarding", "IPv4 is not forwarded yet; nspawn switches it on while it is needed");
    }

    /// <summary>
    /// Chains whose policy is to drop, "type filter hook forward priority filter; policy drop;", without a rule about
    /// the machines' links.
    /// </summary>
    internal static IEnumerable<Diagnosis> Drops(string rules)
    {
        string table = "", chain = "", hook = "";
        bool knowsLinks = false;
        foreach (string line in rules.Split('\n').Select(line => line.Trim()))
        {
            switch (line.Split((char[])[' ', ';'], StringSplitOptions.RemoveEmptyEntries))
            {
                case ["table", string family, string name, ..]:
                    table = $"{family} {name}";
                    break;
                case ["chain", string name, ..]:
                    (chain, hook, knowsLinks) = (name, "", false);
                    break;
                case ["type", "filter", "hook", string where, ..] when line.Contains("policy drop", StringComparison.Ordinal):
                    hook = where;
                    break;
                case ["}"] when !knowsLinks && Drop(table, chain, hook) is Diagnosis drop:
                    hook = "";
                    yield return drop;
                    break;
                default:
                    knowsLinks |= line.Contains("\"ve-*\"", StringComparison.Ordinal) && line.EndsWith("accept", StringComparison.Ordinal);
                    break;
            }
        }
    }

    private static Diagnosis? Drop(string table, string chain, string hook)
    {
        string links = $"nft insert rule {table} {chain} iifname '{{ \"ve-*\", \"vz-*\" }}'";
        return hook switch
        {
            "forward" => new("firewall", DiagnosisKind.Fault, $"chain {chain} of table {table} drops what is forwarded: machines do not get out",
                $"{links} accept && nft insert rule {table} {chain} ct state established,related accept"),
            "input" => new("firewall", DiagnosisKind.Fault, $"chain {chain} of table {table} drops what is asked of the host: machines get no address",
                $"{links} udp dport 67 accept && {links} icmpv6 type nd-router-solicit accept"),
            _ => null,
        };
    }
}
