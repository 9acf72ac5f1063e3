using Serve.Api.Access.Storage;
using Serve.Eval;

namespace Serve.Api.Access;

/// <summary>Keys, roles, the audit log, and requests that are carried out once.</summary>
internal static partial class AccessSetup
{
    public static IServiceCollection AddAccess(this IServiceCollection services)
    {
        services.AddKeys().AddSingleton<AccessRule>().AddSingleton<KeyRing>().AddSingleton<AuditStore>().AddSingleton<IdempotencyStore>();
        services.AddSingleton<AccessUpkeep>().AddHostedService(provider => provider.GetRequiredService<AccessUpkeep>());
        return services;
    }

    /// <summary>The keys alone, for the command line.</summary>
    public static IServiceCollection AddKeys(this IServiceCollection services) => services.AddSingleton<KeyStore>();

    /// <summary>Finds callers, notes what they change, and refuses them what is beyond their role.</summary>
    public static WebApplication UseAccess(this WebApplication app)
    {
        app.UseMiddleware<Audit>();
        app.UseMiddleware<Gate>();
        return app;
    }

    /// <summary>Answers again what was answered before. After the limits: an answer again counts as a request.</summary>
    public static WebApplication UseIdempotency(this WebApplication app)
    {
        app.UseMiddleware<Idempotency>();
        return app;
    }

    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapKeys();
        routes.MapAudit();
        return routes;
    }

    /// <summary>Refuses to start where keys are needed and there is nobody who could make them.</summary>
    /// <exception cref="InvalidInputException">There is no administrator's key.</exception>
    public static async Task PrepareAccessAsync(this IServiceProvider services, CancellationToken ct)
    {
        var access = services.GetRequiredService<AccessRule>();
        var addresses = string.Join(", ", access.Addresses);
        if (access.NeedsKeys && !await services.GetRequiredService<KeyStore>().HasAdministratorAsync(except: null, ct))
            throw new InvalidInputException(
                $"The server would listen on {addresses} and take requests with a key only, and there is no key of an administrator yet. Make one with"
                + $"{Environment.NewLine}    ./serve keys create admin --role administrator{Environment.NewLine}"
                + $"(with the same --workspace, or settings of the database), or say that whoever reaches the server may do everything: SERVE__ACCESS__MODE=open");
        if (!access.NeedsKeys && !access.IsLoopback)
            LogOpen(services.GetRequiredService<ILoggerFactory>().CreateLogger("Serve.Api.Access"), addresses);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Serve:Access:Mode is open: whoever reaches {Addresses} may do everything without a key.")]
    private static partial void LogOpen(ILogger log, string addresses);
}
