using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the users of the host that the container's are.</summary>
internal static class UserNamespaceOptions
{
    // Whose ids they are, and how the tree comes to be theirs, is one decision.
    private const string Users = "users";

    public static readonly ImmutableArray<Option> Rows =
    [
        new Option
        {
            Name = "private-users",
            Form = ArgumentForm.Optional,
            Metavar = "MODE",
            Help = "Users of its own: yes, pick, BASE[:COUNT]",
            Apply = (settings, value, _) => PrivateUsersSyntax.Apply(settings, value),
            Values = () => PrivateUsersSyntax.Words,
            Key = "Exec.PrivateUsers",
            Kind = Users,
            Privileged = true,
        },
        Option.Value("private-users-ownership", null, "MODE", "How the tree comes to belong to those users",
            (settings, value) => settings with { Ownership = ModeNames.Ownership.Parse(value) }) with
        {
            Key = "Files.PrivateUsersOwnership",
            Kind = Users,
            Privileged = true,
            Values = () => ModeNames.Ownership.Names,
        },
        Option.Flag("private-users-chown", null, "The same as --private-users-ownership=chown",
            (settings, on) => settings with { Ownership = on ? OwnershipMode.Chown : OwnershipMode.Off }) with
        {
            Key = "Files.PrivateUsersChown",
            Kind = Users,
            Privileged = true,
        },
        Option.Value("private-users-delegate", null, "NUMBER", "Accepted only: --nesting gives ranges of users",
            (settings, value) => settings with { DelegatedRanges = PrivateUsersSyntax.Ranges(value) }) with
        {
            Key = "Exec.PrivateUsersDelegate",
        },
        Option.Value("bind-user", null, "NAME", "A user of the host is there too, with the home",
            (settings, value) => settings with { BindUsers = [.. settings.BindUsers.Remove(value), BindUserSyntax.Name(value)] }) with
        {
            Key = "Files.BindUser",
            Words = true,
            Privileged = true,
        },
        Option.Value("bind-user-shell", null, "BOOL|PATH", "Their shell: as on the host, or this one",
            (settings, value) => settings with { BindUserShell = BindUserSyntax.Shell(value) }) with
        {
            Key = "Files.BindUserShell",
            Privileged = true,
        },
        Option.Value("bind-user-group", null, "GROUP", "A group of the container for those users",
            (settings, value) => settings with { BindUserGroups = [.. settings.BindUserGroups.Remove(value), BindUserSyntax.Name(value)] }),
        Option.Flag("nesting", null, "Let the container have containers of its own",
            (settings, on) => settings with { Nesting = on }),
        Option.Flag("U", 'U', "The same as --private-users=pick, where possible",
            (settings, on) => on ? settings with { PrivateUsers = PrivateUsersMode.PickWherePossible } : settings) with
        {
            ShortOnly = true,
            Kind = Users,
        },
    ];
}
