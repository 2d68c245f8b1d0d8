namespace Nspawn.Core;

/// <summary>The link /etc/localtime; localtime(5).</summary>
public static class Localtime
{
    /// <summary>The zone such a link names, <c>Europe/Berlin</c>; null when it does not lead into the zone data.</summary>
    public static string? ZoneOf(string? link)
    {
        foreach (string prefix in (ReadOnlySpan<string>)["../usr/share/zoneinfo/", "/usr/share/zoneinfo/"])
        {
            if (link is not null && link.StartsWith(prefix, StringComparison.Ordinal))
            {
                string zone = link[prefix.Length..];
                return zone.Split('/').Any(part => part is "" or "." or "..") ? null : zone;
            }
        }

        return null;
    }
}
