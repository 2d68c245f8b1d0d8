using System.Text;
using System.Text.Json;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>
/// <c>--bind-user=</c>: users of the host who are the container's as well, by records that nss-systemd(8) reads there, and by their
/// home directories.
/// </summary>
public static class BindUserSteps
{
    // systemd's MAP_UID_MIN and _MAX: ids for exactly this.
    private const uint FirstUid = 60514;
    private const uint LastUid = 60577;

    private const string Records = "/run/host/userdb";
    private const string Homes = "/run/host/home";
    private const string Service = "io.systemd.NSpawn";

    internal static void Check(PlanInput input)
    {
        foreach (string name in input.Settings.BindUsers)
        {
            string? fault = !input.Host.Users.TryGetValue(name, out HostUser? user) ? "no such user in the host's /etc/passwd, and its name service (getent passwd) knows none"
                : user.Uid is 0 or 65534 ? "root and nobody are in every container"
                : user.Group != name ? "the user's main group has another name than the user, and would be somebody else's inside"
                : !user.HasHome ? $"the host has no home directory {user.Home}"
                : input.Tree.UserNames.Contains(name) ? "the tree's /etc/passwd or /etc/group has that name already"
                : null;
            if (fault is not null)
            {
                throw new LaunchException($"--bind-user={name}: {fault}");
            }
        }

        if (Ids(input).Count() < input.Settings.BindUsers.Length)
        {
            throw new LaunchException($"--bind-user=: the container has no ids left for them between {FirstUid} and {LastUid}");
        }

        if (!input.Settings.BindUsers.IsEmpty && input.Users?.Contains(LastUid) == false)
        {
            throw new LaunchException($"--bind-user= needs the ids up to {LastUid} in the container: give it more with --private-users=BASE:COUNT");
        }
    }

    internal static IEnumerable<Step> Of(PlanInput input)
    {
        if (!input.Settings.BindUsers.IsEmpty)
        {
            yield return new MakeDirectory(Records, 0x1ed /* 0755 */) { Reason = "--bind-user=" };
        }

        foreach ((string name, uint uid) in input.Settings.BindUsers.Zip(Ids(input)))
        {
            HostUser user = input.Host.Users[name];
            string reason = $"--bind-user={name}: ";
            yield return new BindHost(user.Home, $"{Homes}/{name}", MountFlags.NoSuid | MountFlags.NoDev)
            {
                Reason = reason,
                Map = new([new IdExtent(user.Uid, input.Root + uid, 1)], [new IdExtent(user.Gid, input.Root + uid, 1)]),
            };
            yield return new WriteFile($"{Records}/{name}.user", UserRecord(input.Settings, user, uid), 0x124 /* 0444 */) { Reason = reason };
            yield return new WriteFile($"{Records}/{name}.group", GroupRecord(name, uid), 0x124) { Reason = reason };
            yield return new WriteUserPassword($"{Records}/{name}.user-privileged", name) { Reason = reason };
            foreach (string kind in (string[])["user", "user-privileged", "group"])
            {
                yield return new MakeSymlink($"{Records}/{uid}.{kind}", $"{name}.{kind}") { Reason = reason };
            }

            foreach (string group in input.Settings.BindUserGroups)
            {
                // Only the name counts; but a file with nothing in it would be taken for one that hides another.
                yield return new WriteFile($"{Records}/{name}:{group}.membership", "{}\n", 0x124) { Reason = "--bind-user-group=" };
            }
        }
    }

    /// <summary>The record that only root inside may read.</summary>
    public static string PrivilegedRecord(string hash) => Json(json =>
    {
        json.WriteStartObject("privileged");
        json.WriteStartArray("hashedPassword");
        json.WriteStringValue(hash);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static IEnumerable<uint> Ids(PlanInput input) =>
        Enumerable.Range((int)FirstUid, (int)(LastUid - FirstUid + 1)).Select(id => (uint)id).Where(id => !input.Tree.UserIds.Contains(id));

    private static string UserRecord(Settings settings, HostUser user, uint uid) => Json(json =>
    {
        json.WriteString("userName", user.Name);
        json.WriteNumber("uid", uid);
        json.WriteNumber("gid", uid);
        json.WriteString("disposition", "regular");
        if (user.RealName.Length > 0)
        {
            json.WriteString("realName", user.RealName);
        }

        json.WriteString("homeDirectory", $"{Homes}/{user.Name}");
        if (settings.BindUserShell is string shell)
        {
            json.WriteString("shell", shell.Length > 0 ? shell : user.Shell);
        }

        json.WriteString("service", Service);
    });

    private static string GroupRecord(string name, uint gid) => Json(json =>
    {
        json.WriteString("groupName", name);
        json.WriteNumber("gid", gid);
        json.WriteString("disposition", "regular");
        json.WriteString("service", Service);
    });

    private static string Json(Action<Utf8JsonWriter> fields)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
