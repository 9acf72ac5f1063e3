using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Serve.Api.Problems;

/// <summary>
/// Finds the parameter that a request was refused for. The request delegates that the compiler makes answer 400 for a value that is none of an optional parameter, and do
/// not say which.
/// </summary>
internal static class UnboundParameter
{
    /// <summary>The refusal in words; null where each given value can be read.</summary>
    public static string? Of(HttpContext context)
    {
        foreach (var parameter in context.GetEndpoint()?.Metadata.GetOrderedMetadata<IParameterBindingMetadata>() ?? [])
        {
            var (name, value) = Given(context, parameter);
            if (parameter.HasTryParse && value is { Length: > 0 } && !Parses(TypeOf(parameter), value))
                return BadRequestText.Unbound(name, value, TypeOf(parameter).FullName!);
        }

        return null;
    }

    private static Type TypeOf(IParameterBindingMetadata parameter)
        => Nullable.GetUnderlyingType(parameter.ParameterInfo.ParameterType) ?? parameter.ParameterInfo.ParameterType;

    private static (string Name, string? Value) Given(HttpContext context, IParameterBindingMetadata parameter)
    {
        if (parameter.ParameterInfo.GetCustomAttribute<FromHeaderAttribute>() is { } header)
            return (header.Name ?? parameter.Name, context.Request.Headers[header.Name ?? parameter.Name]);
        return (parameter.Name, context.Request.RouteValues[parameter.Name] as string ?? context.Request.Query[parameter.Name]);
    }

    private static bool Parses(Type type, string value) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => int.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeCode.Int64 => long.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeCode.Double => double.TryParse(value, CultureInfo.InvariantCulture, out _),
        TypeCode.Boolean => bool.TryParse(value, out _),
        _ => true,
    };
}
