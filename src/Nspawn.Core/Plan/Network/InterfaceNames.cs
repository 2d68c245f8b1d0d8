using System.Text;

namespace Nspawn.Core;

/// <summary>What the host's ends of a container's links are called: networkd's shipped files look for these names.</summary>
public static class InterfaceNames
{
    /// <summary>The container's end of its first link.</summary>
    public const string Container = "host0";
    public const string ZonePrefix = "vz-";

    private const string Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static readonly byte[] s_key = Convert.FromHexString("e190a404a8ef4b518cccc33a9f11fca2");

    /// <summary>The host's end; a port of a bridge has another prefix.</summary>
    public static string Host(string machine, bool isPort) => (isPort ? "vb-" : "ve-") + machine;

    /// <summary>The name is one that containers' links have.</summary>
    public static bool IsMachines(string name) => name.Length > 3 && name[0] == 'v' && name[1] is 'e' or 'b' or 'z' && name[2] == '-';

    public static string Zone(string zone) => ZonePrefix + zone;

    /// <summary>A name the kernel takes: a longer one is cut, and ends in four characters made from the whole.</summary>
    public static string Shorten(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length <= InterfaceSyntax.LongestName)
        {
            return name;
        }

        ulong hash = SipHash.Of(s_key, bytes);
        string end = new([Digit(hash >> 18), Digit(hash >> 12), Digit(hash >> 6), Digit(hash)]);
        return Encoding.UTF8.GetString(bytes, 0, InterfaceSyntax.LongestName - end.Length) + end;
    }

    private static char Digit(ulong hash) => Digits[(int)(hash & 63)];
}
