import type { Me } from '@credential-renewal/gateway/http-types';
import { Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBell, IconBuilding, IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from 'react-router';
import classes from './profile-menu.module.css';
import { useSignOut } from './sign-out.ts';

export function ProfileMenu({ me }: { me: Me }) {
  const signOut = useSignOut('/my-sources');
  return (
    <Menu
      position="bottom-end"
      width={264}
      shadow="md"
      radius="lg"
      offset={6}
      withinPortal={false}
      withInitialFocusPlaceholder={false}
    >
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label="Profile">
          <IconUser size={19} stroke={1.8} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className={classes.who}>
          <Text component="span" display="block" fw={600} truncate>
            {me.user.name}
          </Text>
          <Text component="span" display="block" size="sm" c="dimmed" truncate>
            {me.account.name}
            {me.role === 'admin' ? ', administrator' : ''}
          </Text>
        </div>
        {me.role === 'admin' && (
          <Menu.Item
            component={Link}
            to="/authorized-connections"
            leftSection={<IconBuilding size={17} stroke={1.7} aria-hidden />}
          >
            Authorized connections
          </Menu.Item>
        )}
        <Menu.Item
          component={Link}
          to="/notification-settings"
          leftSection={<IconBell size={17} stroke={1.7} aria-hidden />}
        >
          Notification settings
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={17} stroke={1.7} aria-hidden />}
          closeMenuOnClick={false}
          disabled={signOut.isLeaving}
          onClick={signOut.start}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
