// SPDX-License-Identifier: MIT
// The ways of telling people. Each is done or not; one that failed is tried again with the same event.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <souschef/host.hpp>

#include "plugins/notify/message.hpp"

namespace souschef::notify {

enum class Channel { desktop, webhook, mail, command };
std::string_view name_of(Channel channel);

// The ones that the settings of a request to event.handle ask for. Errors: bad_input where they do not fit
// together or ask for none.
Result<std::vector<Channel>> channels_of(const HostJson& request);

// Errors: bad_input where trying again would not help; others where it may.
Status tell(Channel channel, const Host& host, CallContext& call, const HostJson& request,
            const Event& event);

}  // namespace souschef::notify
