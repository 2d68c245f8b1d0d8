namespace Nspawn.Core;

/// <summary>
/// <c>RestrictAddressFamilies=</c>: the names of address families separated by blanks. The first list says whether they alone
/// are allowed or, behind a <c>~</c>, they alone are not; those that follow add to it or take from it. systemd.exec(5).
/// </summary>
internal static class AddressFamilyList
{
    private const string Prefix = "AF_";

    // linux/socket.h, by number; what stands twice has two names.
    private static readonly (string Name, int Number)[] s_families =
    [
        ("UNIX", 1), ("LOCAL", 1), ("INET", 2), ("AX25", 3), ("IPX", 4), ("APPLETALK", 5), ("NETROM", 6), ("BRIDGE", 7),
        ("ATMPVC", 8), ("X25", 9), ("INET6", 10), ("ROSE", 11), ("DECnet", 12), ("NETBEUI", 13), ("SECURITY", 14), ("KEY", 15),
        ("NETLINK", 16), ("ROUTE", 16), ("PACKET", 17), ("ASH", 18), ("ECONET", 19), ("ATMSVC", 20), ("RDS", 21), ("SNA", 22),
        ("IRDA", 23), ("PPPOX", 24), ("WANPIPE", 25), ("LLC", 26), ("IB", 27), ("MPLS", 28), ("CAN", 29), ("TIPC", 30),
        ("BLUETOOTH", 31), ("IUCV", 32), ("RXRPC", 33), ("ISDN", 34), ("PHONET", 35), ("IEEE802154", 36), ("CAIF", 37),
        ("ALG", 38), ("NFC", 39), ("VSOCK", 40), ("KCM", 41), ("QIPCRTR", 42), ("SMC", 43), ("XDP", 44), ("MCTP", 45),
    ];

    public static IEnumerable<string> Names() => s_families.Select(family => Prefix + family.Name).Append("none");

    /// <summary>The restriction with one more list; empty takes the earlier ones back.</summary>
    /// <exception cref="UsageException">A word names no address family.</exception>
    public static AddressFamilies? Add(AddressFamilies? before, string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        if (text == "none")
        {
            return new AddressFamilies(Only: true, []);
        }

        bool inverted = text.StartsWith('~');
        AddressFamilies families = before ?? new AddressFamilies(Only: !inverted, []);
        int[] numbers = [.. text.TrimStart('~').Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(Number)];
        return families with
        {
            Families = inverted != families.Only ? families.Families.Union(numbers) : families.Families.Except(numbers),
        };
    }

    private static int Number(string word) =>
        s_families.FirstOrDefault(family => word == Prefix + family.Name) is { Name: not null } known
            ? known.Number
            : throw new UsageException($"'{Message.Printable(word)}' is no address family; expected names such as AF_UNIX AF_INET6, all behind one ~ to deny them, or none");
}
